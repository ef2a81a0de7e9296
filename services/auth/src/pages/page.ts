import type { Html } from './html.ts';

/** A page, before it is put into its frame. */
export type Page = {
  readonly title: string;
  readonly body: Html;
  /** Names of static scripts that it runs. */
  readonly scripts?: readonly string[];
  /** Where its forms may end up besides this origin: the app's own redirect. */
  readonly formTargets?: readonly string[];
  /** The logo of an app, when its origin may be shown. */
  readonly logo?: string | undefined;
  readonly status?: number;
  /** A wide sheet for lists, instead of the slip for one question. */
  readonly isWide?: boolean;
  /** What stands on the stub of a slip; the installation's own unless told. */
  readonly stub?: Stub;
};

/** Whom a page is about: the app that asks, or this installation. */
export type Stub = {
  readonly name: string;
  readonly line?: string | undefined;
  readonly logo?: string | undefined;
  /** Facts in small type: where a request comes from, what it is for. */
  readonly facts?: readonly { readonly term: string; readonly value: string }[];
};

/** What every page is drawn with. */
export type PageKit = {
  readonly installationName: string;
  readonly origin: string;
  /** Origins from which logos of apps may be shown. */
  readonly logoOrigins: readonly string[];
  /** The path of a static file, with its hash. */
  readonly asset: (name: string) => string;
};

/** The logo of an app, where its origin is allowed; a page never loads any other. */
export function allowedLogo(kit: PageKit, uri: unknown): string | undefined {
  if (typeof uri !== 'string' || !URL.canParse(uri)) return undefined;
  const url = new URL(uri);
  const isAllowed = url.protocol === 'https:' || url.origin === kit.origin;
  return isAllowed && [kit.origin, ...kit.logoOrigins].includes(url.origin) ? url.href : undefined;
}
