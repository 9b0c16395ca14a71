/** Knows OHIF: what it shows in which viewport, and how something is taken off. */

import { isDerived } from './derived.js';

/** OHIF's data sources that `make run` configures, and the purpose that each is for. */
const PURPOSES = { registry: 'clinical', review: 'review' };
/** How long OHIF may take until a viewport shows what it was told to, in milliseconds, and how often it is looked at. */
const [PATIENCE, LOOK] = [3000, 25];
const ROOT = /(\/review)?\/dicom-web\/?$/;

export class Screen {
  /** `settings` is window.config.registryGate: `api`, `purpose`, `purposes` (by name of the data source). */
  constructor({ services, extensionManager, settings = {}, page = document, timers = globalThis }) {
    Object.assign(this, { _services: services, _manager: extensionManager, _settings: settings, _page: page, _timers: timers });
  }

  /** For what the viewer shows at this moment; the strictest where nothing says so. */
  purpose() {
    const name = this._manager.activeDataSourceName;
    return { ...PURPOSES, ...this._settings.purposes }[name] ?? this._settings.purpose ?? 'clinical';
  }

  /** Where the JSON API is: beside the DICOMweb address that OHIF asks, unless it is configured. */
  api() {
    if (this._settings.api) return this._settings.api.replace(/\/$/, '');
    const source = this._manager.getActiveDataSourceOrNull?.()?.getConfig?.() ?? {};
    const root = source.qidoRoot ?? source.wadoRoot ?? '';
    return ROOT.test(root) ? root.replace(ROOT, '/api/v1') : '/api/v1';
  }

  authorization() {
    return this._services.userAuthenticationService.getAuthorizationHeader() ?? {};
  }

  /** Call `handle` with every display set, before anything of it is drawn. */
  watchDisplaySets(handle) {
    const { displaySetService } = this._services;
    const { DISPLAY_SETS_ADDED, DISPLAY_SETS_CHANGED } = displaySetService.EVENTS;
    const all = () => displaySetService.getActiveDisplaySets().forEach(handle);
    displaySetService.subscribe(DISPLAY_SETS_CHANGED, all); // comes first, and before OHIF puts any of them into a viewport
    displaySetService.subscribe(DISPLAY_SETS_ADDED, ({ displaySetsAdded }) => displaySetsAdded.forEach(handle));
    all();
  }

  /** Call `look` whenever OHIF may have drawn something else. */
  watchViewports(look) {
    const { segmentationService, viewportGridService, measurementService } = this._services;
    for (const service of [segmentationService, viewportGridService, measurementService]) {
      for (const event of Object.values(service?.EVENTS ?? {})) service.subscribe(event, look);
    }
  }

  isDerived(displaySet) {
    return isDerived(displaySet);
  }

  /** The display sets of the open study that hold derived content. */
  derived() {
    return this._services.displaySetService.getActiveDisplaySets().filter(isDerived);
  }

  /** The viewports in which the display set is drawn. `begun` says whether its loading was let begin. */
  viewportsOf(displaySet, begun) {
    const uid = displaySet.displaySetInstanceUID;
    const hydrated = this._hydrated(displaySet);
    const listed = begun || typeof displaySet.load !== 'function';
    return this._viewports()
      .filter(({ viewportId, displaySetInstanceUIDs = [] }) => {
        if (listed && displaySetInstanceUIDs.includes(uid)) return true;
        if (this._services.segmentationService.getSegmentationRepresentations(viewportId, { segmentationId: uid }).length) return true;
        return hydrated.some(measurement => displaySetInstanceUIDs.includes(measurement.displaySetInstanceUID));
      })
      .map(viewport => viewport.viewportId);
  }

  /** The element of a viewport; where OHIF names it otherwise, that of all viewports, else the page. */
  element(viewportId) {
    const name = CSS.escape(viewportId);
    const found = this._page.querySelector(`[data-viewportid="${name}"], [data-viewport-uid="${name}"]`);
    return found ?? this._page.querySelector('[data-cy="viewport-grid"]') ?? this._page.body;
  }

  /** Take the display set out of every viewport; `forGood`, out of the list of series too. Raises where OHIF keeps it in one. */
  async takeOff(displaySet, { forGood }) {
    const { displaySetService, segmentationService, viewportGridService } = this._services;
    const uid = displaySet.displaySetInstanceUID;
    this._viewports().forEach(({ viewportId }) =>
      segmentationService.removeRepresentationsFromViewport(viewportId, { segmentationId: uid })
    );
    if (segmentationService.getSegmentation(uid)) segmentationService.remove(uid);
    this._removeMarks(displaySet);
    Object.assign(displaySet, { isLoaded: false, isHydrated: false, loading: false });
    if (displaySet.segments) displaySet.segments = {}; // else OHIF would draw it again from what it has in memory
    const changed = this._holding(uid).map(({ viewportId, displaySetInstanceUIDs }) => ({
      viewportId,
      displaySetInstanceUIDs: this._instead(displaySet, displaySetInstanceUIDs.filter(other => other !== uid)),
    }));
    if (displaySet.Modality === 'SR') displaySet.measurements = []; // OHIF would add them to images that come later
    if (changed.length) await viewportGridService.setDisplaySetsForViewports(changed);
    await this._released(uid);
    if (forGood && displaySetService.getDisplaySetByUID(uid)) displaySetService.deleteDisplaySet(uid);
  }

  /** Show a message in OHIF's manner. */
  say(title, message, type = 'error') {
    this._services.uiNotificationService.show({ title, message, type, duration: 15000, allowDuplicates: true });
  }

  _viewports() {
    return [...this._services.viewportGridService.getState().viewports.values()];
  }

  _holding(uid) {
    return this._viewports().filter(({ displaySetInstanceUIDs = [] }) => displaySetInstanceUIDs.includes(uid));
  }

  /** Wait until no viewport holds it: OHIF does what it is told a moment later, and all of it breaks where one holds what is deleted. */
  async _released(uid) {
    for (let waited = 0; this._holding(uid).length; waited += LOOK) {
      if (waited >= PATIENCE) throw new Error('OHIF keeps it in a viewport');
      await new Promise(resolve => this._timers.setTimeout(resolve, LOOK));
    }
  }

  /** What stays in a viewport: the other display sets, else the images that it was drawn upon, else any images. */
  _instead(displaySet, others) {
    if (others.length) return others;
    const { displaySetService } = this._services;
    const images = displaySetService.getActiveDisplaySets().filter(each => !isDerived(each));
    const under = displaySetService.getDisplaySetByUID(displaySet.referencedDisplaySetInstanceUID ?? '');
    const marked = displaySet.measurements?.map(each => displaySetService.getDisplaySetByUID(each.displaySetInstanceUID ?? ''));
    const chosen = under ?? marked?.find(Boolean) ?? images[0];
    return chosen ? [chosen.displaySetInstanceUID] : [];
  }

  /** What became measurements of a report; each knows the report by its identifier or by its image id. */
  _hydrated(displaySet) {
    const marks = this._marks(displaySet);
    return marks.size ? this._services.measurementService.getMeasurements().filter(each => marks.has(each.uid)) : [];
  }

  _marks(displaySet) {
    if (displaySet.Modality !== 'SR') return new Set();
    const named = (displaySet.measurements ?? []).map(each => each.TrackingUniqueIdentifier);
    const derived = annotations().filter(each => each.predecessorImageId && each.predecessorImageId === displaySet.predecessorImageId);
    return new Set([...named, ...derived.map(each => each.annotationUID)].filter(Boolean));
  }

  _removeMarks(displaySet) {
    const marks = this._marks(displaySet);
    this._hydrated(displaySet).forEach(each => this._services.measurementService.remove(each.uid));
    annotations() // OHIF adds a mark once more with each loading: as many are removed
      .filter(each => marks.has(each.annotationUID))
      .forEach(each => globalThis.cornerstoneTools.annotation.state.removeAnnotation(each.annotationUID));
  }
}

function annotations() {
  return globalThis.cornerstoneTools?.annotation.state.getAllAnnotations() ?? [];
}
