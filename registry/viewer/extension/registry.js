/** Speaks with the registry's JSON API, with the token that the viewer has. */

const SECONDS = 8;

/** The registry refused, or did not answer: `status` is 0 then. The message is a sentence for people. */
export class Refused extends Error {
  constructor(status, sentence, errors = []) {
    super(sentence);
    this.status = status;
    this.errors = errors;
  }
}

export class Registry {
  /** `root` gives the API's address, `authorization` the header of the signed-in person; both are asked at each call. */
  constructor({ root, authorization, ask = (...words) => fetch(...words) }) {
    this._root = root;
    this._authorization = authorization;
    this._ask = ask;
  }

  /** The JSON of an address. Raises Refused. */
  get(path, parameters = {}) {
    const query = new URLSearchParams(parameters).toString();
    return this._call('GET', query ? `${path}?${query}` : path);
  }

  /** The JSON of what is answered to a body. Raises Refused. */
  post(path, body) {
    return this._call('POST', path, body);
  }

  async _call(method, path, body) {
    let answer;
    try {
      answer = await this._ask(`${this._root()}/${path}`, {
        method,
        headers: {
          Accept: 'application/json, application/problem+json',
          ...(body ? { 'Content-Type': 'application/json' } : {}),
          ...this._authorization(),
        },
        body: body && JSON.stringify(body),
        cache: 'no-store',
        credentials: 'omit',
        redirect: 'error',
        keepalive: path === 'display-receipts', // said although the page is being left
        signal: AbortSignal.timeout(SECONDS * 1000),
      });
    } catch {
      throw new Refused(0, 'The registry does not answer.');
    }
    const said = await answer.json().catch(() => null);
    if (answer.ok && said !== null) return said;
    throw new Refused(answer.ok ? 0 : answer.status, said?.detail || `The registry answered with status ${answer.status}.`);
  }
}
