import type { ErrorCode, Locale } from './errors.js';

/**
 * Why a caller cannot do something with a record that they see, each with the error that the attempt would be refused with.
 * WRONG_STATE has the message of that error, which names the states.
 */
export const permissionReasons = {
  MISSING_ROLE: {
    error: 'FORBIDDEN',
    description: 'No role of the caller allows it. The attempt fails with FORBIDDEN.',
    en: 'Your role does not allow this.',
    zh: '您的角色没有此操作权限',
  },
  MISSING_SCOPE: {
    error: 'FORBIDDEN',
    description: 'No scope of the service’s token allows it. The attempt fails with FORBIDDEN.',
    en: 'The scopes of your token do not allow this.',
    zh: '令牌的授权范围不包含此操作',
  },
  NOT_OWNER: {
    error: 'FORBIDDEN',
    description:
      'The caller may change their own records and those that belong to them, and the record is none of these. The attempt fails with FORBIDDEN.',
    en: 'You may change only your own records and what belongs to them.',
    zh: '只能修改自己负责的数据',
  },
  DELETED: {
    error: 'NOT_FOUND',
    description: 'The record is deleted, or the one that it belongs to is. The attempt fails with NOT_FOUND.',
    en: 'The record is deleted, or the one that it belongs to is.',
    zh: '记录或其所属记录已删除',
  },
  NOT_DELETED: {
    error: 'NOT_FOUND',
    description: 'The record is not deleted, so there is nothing to restore. The attempt fails with NOT_FOUND.',
    en: 'The record is not deleted.',
    zh: '记录未被删除',
  },
  PARENT_DELETED: {
    error: 'UNKNOWN_REFERENCE',
    description:
      'The record cannot be restored while the one that it belongs to is deleted. The attempt fails with UNKNOWN_REFERENCE.',
    en: 'The record that it belongs to is deleted.',
    zh: '其所属记录已删除',
  },
  WRONG_STATE: {
    error: 'TRANSITION_NOT_ALLOWED',
    description:
      'The record, or the one that it would change along with it, is in a state in which this cannot be done. The attempt fails with TRANSITION_NOT_ALLOWED.',
    en: '',
    zh: '',
  },
} as const satisfies Record<string, { error: ErrorCode; description: string } & Record<Locale, string>>;

export type PermissionReason = keyof typeof permissionReasons;
