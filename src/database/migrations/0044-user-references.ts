import { Migration } from '@mikro-orm/migrations';
import { validated } from './online.v1.js';

/** Every user's department and manager is one of the tenant: looked at for the rows that were there before the columns. */
export class UserReferences extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    for (const column of ['department_id', 'manager_id', 'updated_by_id'])
      this.addSql(validated('user_account', `user_account_tenant_id_${column}_foreign`));
  }

  override down(): void {
    // a key that has been looked at stays so
  }
}
