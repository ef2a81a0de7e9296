import { html } from './html.ts';

/** Small drawings beside the words of a button; never the only sign of what it does. */
export const KEY_GLYPH = html`<svg class="glyph" viewBox="0 0 20 20" aria-hidden="true" focusable="false"><circle cx="6.5" cy="10" r="3.5" fill="none" stroke="currentColor" stroke-width="1.8"/><path d="M10 10h8m-3 0v3.4" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"/></svg>`;

export const WALLET_GLYPH = html`<svg class="glyph" viewBox="0 0 20 20" aria-hidden="true" focusable="false"><path d="M3 6.5h13a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5H4.500A1.500 1.500 0 0 1 3 15z M3 6.500 13.500 3.500v3" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round"/><circle cx="13.800" cy="11.500" r="1.200" fill="currentColor"/></svg>`;

export const DOOR_GLYPH = html`<svg class="glyph" viewBox="0 0 20 20" aria-hidden="true" focusable="false"><path d="M8.500 3.500H16v13H8.500M3 10h8m-3-3 3 3-3 3" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/></svg>`;

export const DONE_SEAL = html`<svg class="seal" viewBox="0 0 72 72" aria-hidden="true" focusable="false"><circle cx="36" cy="36" r="32" fill="none" stroke="currentColor" stroke-width="2.500" stroke-dasharray="3 4.200"/><path d="M22 37.500 32 47.500 51 26.500" fill="none" stroke="currentColor" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
