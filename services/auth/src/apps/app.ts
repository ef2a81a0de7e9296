/** A customer's application: the tenant that everything else belongs to. */
export type App = {
  readonly id: string;
  readonly name: string;
  readonly status: 'active' | 'suspended';
  readonly createdAt: Date;
};
