/**
 * Makes work that is asked for at any time run one after another: what was asked for last begins
 * last, and so ends with what is newest. A run that fails stops none after it.
 */
export function oneAfterAnother(work: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    const run = last.then(work, work);
    last = run;
    return run;
  };
}
