import { quoteGoString } from '../wire/quote-go-string.ts';
import { formatTime } from './format-time.ts';
import type { SessionState } from './state.ts';

/**
 * A state's JSON bytes exactly as go-livepeer writes them, so that its signers and ours,
 * sharing one key, take each other's sessions.
 */
export function encodeState(state: SessionState): Buffer {
  return Buffer.from(
    `{"StateID":${quoteGoString(state.stateId)}` +
      `,"PMSessionID":${quoteGoString(state.pmSessionId)}` +
      `,"LastUpdate":"${formatTime(state.lastUpdateNs)}"` +
      `,"OrchestratorAddress":"${state.orchestratorAddress}"` +
      `,"App":${quoteGoString(state.app)}` +
      `,"AuthExpiry":${state.authExpirySec}` +
      `,"SenderNonce":${state.senderNonce}` +
      `,"Balance":${quoteGoString(state.balance)}` +
      `,"InitialPricePerUnit":${state.initialPricePerUnit}` +
      `,"InitialPixelsPerUnit":${state.initialPixelsPerUnit}` +
      `,"Type":${quoteGoString(state.type)}` +
      `,"SequenceNumber":${state.sequenceNumber}` +
      `,"AuthID":${quoteGoString(state.authId)}}`,
    'utf8',
  );
}
