import type { ContractStatus } from '../contracts/contract.entity.js';
import type { CustomerStatus } from '../customers/customer.entity.js';

export type Cell = string | number | boolean | null;
export type Row = Record<string, Cell>;

/** Takes the rows of a table; the fields of a row are its columns, the same for each row of a table. */
export type Write = (table: string, row: Row) => void;

/** A demo tenant about to be written: what all of its customers share. */
export interface Generator {
  code: string;
  customers: number;
  /** the calendar day that all demo data is relative to; nothing happens on it or after it, but for the ends of terms */
  today: string;
  /** how many of the users sell */
  salespeople: number;
  /** activities of each customer */
  activities: number;
  write: Write;
  /** the next number of a series, counted from 1 */
  next(series: string): number;
}

/** A customer as its story left it. */
export interface CustomerSummary {
  index: number;
  tenantId: string;
  customerId: string;
  status: CustomerStatus;
  owner: string | null;
  /** the place of its owner among the users */
  ownerIndex: number | null;
  author: string;
  began: number;
  end: number;
  /** its primary contact and its first opportunity */
  contactId: string;
  opportunityId: string;
  contract: { id: string; amount: string; signed: number | null; status: ContractStatus };
}
