import type { PaymentRequest } from './write-go-request.ts';

/**
 * The same as the python client writes it with json.dumps: a space after every colon and comma,
 * and neither state nor ManifestID before there is one. It knows no maxPrice and no app.
 */
export function writePythonRequest(request: PaymentRequest): string {
  const members = [
    ['orchestrator', quote(base64(request.orchestrator))],
    ['type', quote(request.type)],
    ...(request.capabilities ? [['capabilities', quote(base64(request.capabilities))]] : []),
    ...(request.manifestId === '' ? [] : [['ManifestID', quote(request.manifestId)]]),
    ...(request.state
      ? [['state', `{"State": ${quote(request.state.State)}, "Sig": ${quote(request.state.Sig)}}`]]
      : []),
  ];
  return `{${members.map(([name, value]) => `"${name}": ${value}`).join(', ')}}`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** json.dumps escapes everything outside ASCII. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
