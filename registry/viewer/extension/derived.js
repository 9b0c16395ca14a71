/** Tells which display sets of OHIF hold derived content. All that is not known to be an image does. */

const STORAGE = '1.2.840.10008.5.1.4.1.1.';

/** The image classes that the registry serves as sources (PS3.4 B.5): the same as in its own table, by a test. */
export const IMAGES = new Set(
  [
    '1', '1.1', '1.1.1', '1.2', '1.2.1', '1.3', '1.3.1', '2', '2.1', '2.2', '3.1', '4', '4.1', '4.3', '4.4', '6.1', '6.2',
    '12.1', '12.1.1', '12.2', '12.2.1', '13.1.1', '13.1.3', '20', '77.1.1', '77.1.2', '77.1.3', '77.1.4', '77.1.5.1',
    '77.1.5.2', '77.1.5.4', '77.1.6', '128', '128.1', '130', '481.1',
  ].map(suffix => STORAGE + suffix)
);

const MODALITIES = new Set(['SEG', 'SR', 'RTSTRUCT', 'PR', 'PMAP', 'ANN', 'KO', 'RTPLAN', 'RTDOSE', 'REG', 'FID', 'M3D', 'DOC']);

/** The instances of a display set that are drawn: the one that OHIF chose, else all of them. */
function drawn(displaySet) {
  if (displaySet.instance) return [displaySet.instance];
  const several = displaySet.instances ?? displaySet.images;
  return several?.length ? [...several] : [displaySet];
}

/** The kind that SOURCE_PASSES names, of each derived class that the registry knows. */
const KINDS = new Map(
  Object.entries({
    SEG: ['66.4', '66.7'],
    PM: ['30'],
    PR: ['11.1', '11.2', '11.3', '11.4', '11.8'],
    KO: ['88.59'],
    RTSTRUCT: ['481.3'],
    ANN: ['91.1'],
    SC: ['7', '7.1', '7.2', '7.3', '7.4'],
    SR: ['88.11', '88.22', '88.33', '88.34'],
  }).flatMap(([kind, suffixes]) => suffixes.map(suffix => [STORAGE + suffix, kind]))
);

/** The kind of a derived display set, by its SOP class. */
export function kindOf(displaySet) {
  return KINDS.get(drawn(displaySet)[0].SOPClassUID ?? displaySet.SOPClassUID) ?? 'OTHER';
}

/** Whether the person at the screen has begun it: OHIF made it, for no study and of no instance, so that nothing of it was fetched. */
function isBegunHere({ madeInClient, segmentationId, displaySetInstanceUID, StudyInstanceUID, SOPInstanceUID, instance, instances }) {
  const isNew = madeInClient === true && segmentationId !== undefined && segmentationId === displaySetInstanceUID;
  return isNew && !StudyInstanceUID && !SOPInstanceUID && !instance && !instances?.length;
}

/** Whether the display set has to be asked about. One that names no SOP class, or a class without a row above, does. */
export function isDerived(displaySet) {
  if (isBegunHere(displaySet)) return false;
  if (displaySet.isDerivedDisplaySet || displaySet.isOverlayDisplaySet || MODALITIES.has(displaySet.Modality)) return true;
  const classes = drawn(displaySet).map(instance => instance.SOPClassUID ?? displaySet.SOPClassUID);
  return !classes.every(uid => IMAGES.has(uid));
}

/** The SOP Instance UIDs of what would be drawn, each once. An instance without one is named by an empty text, which nobody knows. */
export function instancesOf(displaySet) {
  return [...new Set(drawn(displaySet).map(instance => String(instance.SOPInstanceUID ?? displaySet.SOPInstanceUID ?? '')))];
}
