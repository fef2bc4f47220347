import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Text, To, Whole } from '../model/columns.js';
import { Editable, entityRegistry, OfTenant, Table } from '../model/entity.js';
import { User } from '../identity/user.entity.js';

@Table({
  description: 'A part of the organisation in which users work; departments form a tree.',
  uniqueActive: [['parent', 'nameKey'], ['code']],
  // a parent that is null differs from any other
  uniqueWhere: { department_active_top_name_key: [['nameKey'], 'deleted_at is null and parent_id is null'] },
  indexes: [['leader']],
})
export class Department extends Editable {
  @Text({
    max: 200,
    input: true,
    sorted: true,
    alike: true,
    description: 'Name; unique among the departments directly below the same one, in whatever writing.',
  })
  name!: string;

  @Text({
    max: 100,
    nullable: true,
    input: true,
    description: 'What an external directory calls it; unique among the departments that are not deleted.',
  })
  code?: string | null;

  @To(() => Department, { nullable: true, description: 'The department directly above; null at the top.' })
  parent?: Department | null;

  @To(() => User, { nullable: true, input: true, description: 'Who leads it; null for nobody.' })
  leader?: User | null;

  @Whole({
    input: true,
    default: 0,
    range: [0, 1_000_000_000],
    description: 'Place among the departments directly below the same one, the smallest first.',
  })
  position!: number;
}

entityRegistry.department = Department;

/** Which departments are below which, at any distance: one row for each pair, and one for each department with itself. Kept with the tree. */
@Entity({ tableName: 'department_path' })
@Index({ properties: ['tenant', 'descendantId'] as never, name: 'department_path_by_descendant' })
export class DepartmentPath {
  @OfTenant()
  tenant!: object;

  @PrimaryKey({ type: 'uuid' })
  ancestorId!: string;

  @PrimaryKey({ type: 'uuid' })
  descendantId!: string;

  /** how many steps lie between them; 0 for a department itself */
  @Property({ type: 'integer' })
  depth!: number;
}
