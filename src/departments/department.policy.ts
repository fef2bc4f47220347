import { actions, restore } from '../model/actions.js';
import { User } from '../identity/user.entity.js';
import { Department } from './department.entity.js';

/** Departments are seen by all, as users are, and changed by those who administer the tenant. */
export const departmentActions = actions(Department, {
  update: {},
  move: {},
  delete: {},
  restore,
});

export const userActions = actions(User, {
  update: {},
  deactivate: {},
  reactivate: {},
});
