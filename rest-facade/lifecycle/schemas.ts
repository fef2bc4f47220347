import type { Dialect } from '../engine/types.js';
import { Behavior, Value } from './analysis.js';
import { Contact, ContactCreate, ContactOfCustomer, ContactUpdate, NewContact } from './contacts.js';
import { Contract, ContractCreate, ContractRenewal, ContractUpdate } from './contracts.js';
import {
  Customer,
  CustomerCreateRequest,
  CustomerCreateResponse,
  CustomerDetailResponse,
  CustomerListItem,
  CustomerUpdateRequest,
} from './customers.js';
import { Communication, CommunicationCreate, Satisfaction, ServiceRecord } from './service.js';
import { Calculated, HealthTrend, Latest, Task, TaskCreate, TaskListItem } from './success.js';
import { Tag, TagCreate } from './tags.js';

/** The schemas of the dialect's document, by name. */
export const schemas: NonNullable<Dialect['schemas']> = {
  Customer,
  CustomerCreateRequest,
  CustomerUpdateRequest,
  CustomerCreateResponse,
  CustomerListItem,
  CustomerDetailResponse,
  CustomerContact: [ContactOfCustomer, Contact, NewContact],
  CustomerContactCreateRequest: ContactCreate,
  CustomerContactUpdateRequest: ContactUpdate,
  CustomerHealthScore: Latest,
  CustomerHealthScoreResponse: Calculated,
  CustomerHealthScoreTrendResponse: HealthTrend,
  CustomerTag: Tag,
  CustomerSuccessTask: Task,
  CustomerSuccessTaskCreateRequest: TaskCreate,
  CustomerSuccessTaskListItem: TaskListItem,
  CustomerValueAnalysisResponse: Value,
  CustomerContract: Contract,
  CustomerContractCreateRequest: ContractCreate,
  CustomerContractUpdateRequest: ContractUpdate,
  ContractRenewalRequest: ContractRenewal,
  CustomerTagCreateRequest: TagCreate,
  CustomerBehaviorAnalysisResponse: Behavior,
  CustomerCommunication: Communication,
  CustomerCommunicationCreateRequest: CommunicationCreate,
  CustomerServiceRecord: ServiceRecord,
  CustomerSatisfactionData: Satisfaction,
};
