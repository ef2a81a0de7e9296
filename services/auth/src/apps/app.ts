/** A customer's application: the tenant that everything else belongs to. */
export type App = {
  readonly id: string;
  readonly name: string;
  readonly status: 'active' | 'suspended';
  /** One of the operator's own: nobody is asked for consent. */
  readonly isFirstParty: boolean;
  /** Callers without a credential are let in, for development. */
  readonly anonymousAccess: boolean;
  readonly createdAt: Date;
};
