/** The parts of the TicketBroker that redeeming and checking need. */
export const BROKER_ABI = [
  'function getSenderInfo(address) view returns ((uint256 deposit, uint256 withdrawRound) sender, (uint256 fundsRemaining, uint256 claimedInCurrentRound) reserve)',
  'function usedTickets(bytes32) view returns (bool)',
  'function redeemWinningTicket((address recipient, address sender, uint256 faceValue, uint256 winProb, uint256 senderNonce, bytes32 recipientRandHash, bytes auxData) ticket, bytes sig, uint256 recipientRand)',
  'event WinningTicketRedeemed(address indexed sender, address indexed recipient, uint256 faceValue, uint256 winProb, uint256 senderNonce, uint256 recipientRand, bytes auxData)',
  'event WinningTicketTransfer(address indexed sender, address indexed recipient, uint256 amount)',
] as const;

/** The parts of the RoundsManager and the BondingManager that an orchestrator reads. */
export const ROUNDS_ABI = [
  'function lastInitializedRound() view returns (uint256)',
  'function blockHashForRound(uint256) view returns (bytes32)',
] as const;
export const BONDING_ABI = [
  'function isRegisteredTranscoder(address) view returns (bool)',
] as const;
