/** A change that may break a client. */
export interface Breaking {
  /** where: `Customer.name` of the graph, `GET /api/v1/customers/{id}` of a dialect */
  place: string;
  /** what is different there */
  change: string;
}
