import { createRequire } from 'node:module';
import secp256k1 from 'secp256k1';

/**
 * libsecp256k1 when its prebuilt addon loads, else the package's own fallback in JavaScript,
 * which is slow and not constant in time.
 */
export const curve = secp256k1;

/** Which of the two was loaded. */
export const curveImplementation: 'native' | 'js' = hasAddon() ? 'native' : 'js';

function hasAddon(): boolean {
  try {
    createRequire(import.meta.url)('secp256k1/bindings.js');
    return true;
  } catch {
    return false;
  }
}
