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
  ALREADY_PICKED: {
    error: 'ALREADY_PICKED',
    description: 'Somebody has picked the record from its pool. The attempt fails with ALREADY_PICKED.',
    en: 'Somebody has picked the record already.',
    zh: '该记录已被领取',
  },
  NOT_IN_POOL: {
    error: 'NOT_IN_POOL',
    description: 'The record lies in no pool. The attempt fails with NOT_IN_POOL.',
    en: 'The record lies in no pool.',
    zh: '该记录不在公海中',
  },
  POOL_DISABLED: {
    error: 'POOL_DISABLED',
    description: 'Nobody picks from the pool any more. The attempt fails with POOL_DISABLED.',
    en: 'The pool is not enabled.',
    zh: '该公海未启用',
  },
  NOT_POOL_MEMBER: {
    error: 'NOT_POOL_MEMBER',
    description: 'The caller does not work with the pool. The attempt fails with NOT_POOL_MEMBER.',
    en: 'Only those who work with the pool may do this.',
    zh: '只有公海成员可以执行此操作',
  },
  RESTING: {
    error: 'RESTING',
    description: 'The record has come into the pool less than its `restHours` ago. The attempt fails with RESTING.',
    en: 'The record has come into the pool too short a time ago.',
    zh: '该记录刚进入公海，暂不能领取',
  },
  FORMER_OWNER: {
    error: 'FORMER_OWNER',
    description:
      'The caller has ceased to look after the record less than the pool’s `formerOwnerDays` ago. The attempt fails with FORMER_OWNER.',
    en: 'You have looked after the record until too short a time ago.',
    zh: '前负责人暂不能再次领取该记录',
  },
  PICK_LIMIT: {
    error: 'PICK_LIMIT',
    description: 'The caller has picked as many from the pool today as they may. The attempt fails with PICK_LIMIT.',
    en: 'You have picked as many records from the pool today as you may.',
    zh: '今日从该公海领取的记录已达上限',
  },
  VIEW_LIMIT: {
    error: 'VIEW_LIMIT',
    description:
      'The caller was shown today what the pool hides of as many records as they may. The attempt fails with VIEW_LIMIT.',
    en: 'You were shown today what the pool hides of as many records as you may.',
    zh: '今日可查看的公海记录数已达上限',
  },
  HOLDING_LIMIT: {
    error: 'HOLDING_LIMIT',
    description: 'The caller looks after as many records as they may at once. The attempt fails with HOLDING_LIMIT.',
    en: 'You look after as many records as you may at once.',
    zh: '已达到持有上限，不能再增加',
  },
} as const satisfies Record<string, { error: ErrorCode; description: string } & Record<Locale, string>>;

export type PermissionReason = keyof typeof permissionReasons;
