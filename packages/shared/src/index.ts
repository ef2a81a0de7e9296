export * from './errors/codes.ts';
export * from './errors/service-error.ts';
export * from './money/micro-usd.ts';
export * from './money/rate.ts';
export * from './money/wei.ts';
export * from './outcome.ts';
