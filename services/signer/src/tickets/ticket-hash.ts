import { keccak256 } from './keccak.ts';
import { packTicket } from './pack-ticket.ts';
import type { Ticket } from './ticket.ts';

/** The hash of a ticket as TicketBroker's `getTicketHash` makes it; 32 bytes. */
export function ticketHash(ticket: Ticket): Uint8Array {
  return keccak256(packTicket(ticket));
}
