/** Which display sets are asked about. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { instancesOf, isDerived, kindOf } from '../extension/derived.js';

const STORAGE = '1.2.840.10008.5.1.4.1.1.';
const images = (...suffixes) => ({ Modality: 'CT', instances: suffixes.map((each, at) => ({ SOPClassUID: STORAGE + each, SOPInstanceUID: `1.${at}` })) });

test('images are not', () => assert.equal(isDerived(images('2', '2')), false));

for (const [name, displaySet] of Object.entries({
  'a segmentation': { Modality: 'SEG', SOPClassUID: `${STORAGE}66.4` },
  'a secondary capture that calls itself CT': images('7'),
  'images with one capture among them': images('2', '7'),
  'a class that nobody knows': images('999.1'),
  'no class': { Modality: 'CT', instances: [{}] },
  'nothing at all': {},
  'images that OHIF takes for derived': { ...images('2'), isDerivedDisplaySet: true },
  'images that OHIF takes for an overlay': { ...images('2'), isOverlayDisplaySet: true },
})) {
  test(`${name} is`, () => assert.equal(isDerived(displaySet), true));
}

const begun = { madeInClient: true, segmentationId: 'a', displaySetInstanceUID: 'a', Modality: 'SEG', SOPClassUID: `${STORAGE}66.4`, isOverlayDisplaySet: true };

test('a segmentation that the person begins is not', () => assert.equal(isDerived(begun), false));

for (const [name, more] of Object.entries({
  'of a study': { StudyInstanceUID: '1.2' },
  'of an instance': { SOPInstanceUID: '1.2' },
  'with instances': { instances: [{ SOPInstanceUID: '1.2' }] },
  'of another segmentation': { segmentationId: 'b' },
  'that OHIF did not make': { madeInClient: false },
})) {
  test(`one ${name} is`, () => assert.equal(isDerived({ ...begun, ...more }), true));
}

test('of a report the instance that OHIF chose is drawn, of images each', () => {
  const chosen = { instance: { SOPInstanceUID: '1.2' }, instances: [{ SOPInstanceUID: '1.1' }, { SOPInstanceUID: '1.2' }] };
  assert.deepEqual(instancesOf(chosen), ['1.2']);
  assert.deepEqual(instancesOf(images('7', '7')), ['1.0', '1.1']);
});

test('what has no name is asked about as what nobody knows', () => assert.deepEqual(instancesOf({}), ['']));

test('the kind is that of the class, whatever the modality says', () => {
  assert.deepEqual([kindOf(images('7.4')), kindOf(images('88.59')), kindOf(images('66.1')), kindOf({})], ['SC', 'KO', 'OTHER', 'OTHER']);
});
