export { fromHex, toHex, toWord } from './amounts/big-bytes.ts';
export {
  add,
  ceil,
  compare,
  multiply,
  parseRatString,
  type Rational,
  rational,
  subtract,
  toRatString,
  ZERO,
} from './amounts/rational.ts';
export { recoverGatewaySigner, recoverSigner } from './crypto/recover-signer.ts';
export { askProof } from './gateway/ask-proof.ts';
export { type ClientKind, clientHeaders, type SignerHeaders } from './gateway/client-headers.ts';
export {
  createGatewaySession,
  type GatewaySession,
  type GatewaySessionOptions,
  type LinkReceipt,
  type OrchestratorLink,
  type PayOutcome,
} from './gateway/create-gateway-session.ts';
export { type HttpAnswer, post } from './gateway/post.ts';
export { requestPayment, type SignerAnswer } from './gateway/request-payment.ts';
export {
  parseGoTime,
  readState,
  type SignedState,
  type StateContent,
} from './gateway/signed-state.ts';
export {
  type JobType,
  type MaxPrice,
  type PaymentRequest,
  writeGoRequest,
} from './gateway/write-go-request.ts';
export { writePythonRequest } from './gateway/write-python-request.ts';
export type { ChainView, Round } from './orchestrator/chain-view.ts';
export { chooseWinProb } from './orchestrator/choose-win-prob.ts';
export {
  createOrchestrator,
  type Orchestrator,
  type OrchestratorTotals,
} from './orchestrator/create-orchestrator.ts';
export type { InfoAge } from './orchestrator/make-info.ts';
export type { SenderProof } from './orchestrator/open-session.ts';
export type { WinningTicket } from './orchestrator/process-payment.ts';
export type { PaymentHeaders } from './orchestrator/read-payment.ts';
export { REFUSAL_STATUS, type RefusalReason } from './orchestrator/refusals.ts';
export { type OrchestratorServer, serveOrchestrator } from './orchestrator/serve-orchestrator.ts';
export type { PaymentReceipt } from './orchestrator/take-payment.ts';
export type { OrchestratorSession, SessionTerms } from './orchestrator/terms.ts';
export { BONDING_ABI, BROKER_ABI, ROUNDS_ABI } from './redeem/broker-abi.ts';
export { readSender, type SenderFunds } from './redeem/read-sender.ts';
export { type Redemption, redeemTicket } from './redeem/redeem-ticket.ts';
export { viewChain } from './redeem/view-chain.ts';
export { type MadePayment, makePayment, toHeaders } from './sender/make-payment.ts';
export {
  auxDataOf,
  expectedValue,
  hashTicket,
  isWinning,
  type Ticket,
  WIN_PROB_MAX,
} from './tickets/ticket.ts';
export { countUnits } from './usage/count-units.ts';
export {
  decodeOrchestratorInfo,
  decodePaymentResult,
  encodeOrchestratorInfo,
} from './wire/convert-orchestrator-info.ts';
export { decodePayment, encodePayment } from './wire/convert-payment.ts';
export { decodeSegData, encodeSegData } from './wire/convert-seg-data.ts';
export type * from './wire/messages.ts';
