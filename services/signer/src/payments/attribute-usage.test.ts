import { describe, expect, test } from 'vitest';
import type { Capabilities } from '../wire/capabilities.ts';
import { attributeUsage } from './attribute-usage.ts';

const MODEL = { warm: false, capacity: 1, runnerVersion: '' };

function priceOf(capability: number, constraint: string) {
  const bytes = new Uint8Array(0);
  return { pricePerUnit: 1n, pixelsPerUnit: 1n, capability, constraint, bytes };
}

function capabilitiesOf(pairs: readonly (readonly [number, string])[]): Capabilities {
  const perCapability = new Map<number, Map<string, typeof MODEL>>();
  for (const [capability, model] of pairs) {
    const models = perCapability.get(capability) ?? new Map();
    perCapability.set(capability, models.set(model, MODEL));
  }
  const none = { bitstring: [], mandatories: [], capacities: new Map(), version: '' };
  return { ...none, minVersion: '', perCapability };
}

describe('usage attribution', () => {
  test('the price names both', () => {
    const capabilities = capabilitiesOf([[27, 'other']]);
    const found = attributeUsage({ type: 'live', priceInfo: priceOf(33, 'm'), capabilities });
    expect(found).toEqual({ pipeline: 'llm', model: 'm' });
  });

  test('else the only capability and model', () => {
    const capabilities = capabilitiesOf([[27, 'sdxl']]);
    const found = attributeUsage({ type: 'live', priceInfo: priceOf(0, ''), capabilities });
    expect(found).toEqual({ pipeline: 'text-to-image', model: 'sdxl' });
  });

  test('several models name none', () => {
    const capabilities = capabilitiesOf([
      [27, 'a'],
      [27, 'b'],
    ]);
    const found = attributeUsage({ type: 'fixed', priceInfo: priceOf(0, ''), capabilities });
    expect(found).toEqual({ pipeline: 'fixed', model: '' });
  });

  test.each([
    ['lv2v', 'live-video-to-video'],
    ['live', 'live'],
    ['', ''],
  ])('type %j alone is %j', (type, pipeline) => {
    const priceInfo = priceOf(0, '');
    expect(attributeUsage({ type, priceInfo, capabilities: undefined }).pipeline).toBe(pipeline);
  });

  test('a model is text without control characters, bounded', () => {
    const priceInfo = priceOf(35, `a\r\nb\u007f${'😀'.repeat(200)}`);
    const { model } = attributeUsage({ type: 'lv2v', priceInfo, capabilities: undefined });
    expect(model.startsWith('ab😀')).toBe(true);
    expect(model.length).toBe(256);
    expect(model.isWellFormed()).toBe(true);
  });
});
