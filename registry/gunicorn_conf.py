"""Sets up gunicorn: threads for slow uploads, no query string in the log, nothing left running at the end.

Raises ImproperlyConfigured, which ends the start, with the name of every variable that cannot be used.
"""

from registry.environment import read

_given = read()
bind = [f"{_given['BIND_ADDRESS']}:{port}" for port in (_given["PORT"], _given["VIEWER_PORT"]) if port]
worker_class = "registry.gunicorn_worker.FairThreadWorker"
workers = _given["WEB_CONCURRENCY"]
threads = _given["WEB_THREADS"]
timeout = 3600  # the largest request (MAX_REQUEST_BYTES, 4 GiB) at 10 Mbit/s takes just under an hour
graceful_timeout = 30
keepalive = 30
control_socket_disable = True
accesslog = "-"
logger_class = "registry.gunicorn_log.OneLineLogger"
# %(U)s is the path alone: a query string may hold a name to search for, a Referer a whole query.
access_log_format = '%(t)s %(h)s "%(m)s %(U)s" %(s)s %(B)s bytes %(M)s ms %({x-request-id}o)s'

_BOOT_ERROR = 3
"""The exit status by which a worker tells gunicorn's master to end, instead of starting it for ever again."""


def post_worker_init(worker: object) -> None:
    """Look whether the registry is fit to be served, once the application is loaded."""
    from registry.startup import NotFit, begin

    try:
        begin()
    except NotFit:
        raise SystemExit(_BOOT_ERROR) from None
