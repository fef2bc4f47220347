/** Sentences in both languages, by the values of `reason`. Messages take `{name}` placeholders as those of the error table do. */
export type Sentences = Readonly<Record<string, Readonly<Record<'en' | 'zh', string>>>>;

/** Why a request is not valid: the values of `reason` in issues with the code BAD_REQUEST. */
export const requestReasons = {
  PAGE_SIZE: { en: '{field} must be between 0 and {max}.', zh: '{field}必须在 0 到 {max} 之间' },
  NEGATIVE: { en: '{field} must not be negative.', zh: '{field}不能为负数' },
  COMBINATION: { en: '{field} cannot be combined with {others}.', zh: '{field}不能与其他分页参数同时使用' },
  OPAQUE_ID: { en: '{field} must be an opaque id.', zh: '{field}必须为不透明 ID' },
  UNSTORABLE_TEXT: { en: 'a text contains the character U+0000.', zh: '文本包含字符 U+0000' },
  POSITION: { en: '{field} must be as an answer gave it.', zh: '{field}必须为应答中给出的值' },
  REFUSED: { en: 'it does not fit the schema.', zh: '与接口定义不符' },
  UNREADABLE: { en: 'the body could not be read.', zh: '请求体无法读取' },
  MULTIPART_EXPECTED: { en: 'a multipart/form-data body is expected.', zh: '请求体必须为 multipart/form-data' },
  MULTIPART_MALFORMED: { en: 'the multipart body is incomplete or malformed.', zh: 'multipart 请求体不完整或格式错误' },
  UNKNOWN_PARAMETER: { en: 'the parameters are filter and orderBy.', zh: '仅支持参数 filter 和 orderBy' },
  JSON_EXPECTED: { en: '{field} must be JSON.', zh: '{field}必须为 JSON' },
  PARAMETER_TYPE: {
    en: '{field} has another form than the schema says: {detail}.',
    zh: '{field}的结构或取值不符合接口定义',
  },
  JSON_DEPTH: { en: 'the body is nested too deeply.', zh: '请求体嵌套层数过多' },
  JSON_SYNTAX: {
    en: 'the body is not valid JSON: {detail}.',
    zh: '请求体不是有效的 JSON{place}',
  },
  JSON_BODY: { en: 'the body is not valid JSON.', zh: '请求体不是有效的 JSON' },
  NESTING: { en: 'its values are nested more than {max} deep.', zh: '嵌套超过 {max} 层' },
  OBJECT_BODY: { en: 'the body must be a JSON object.', zh: '请求体必须是 JSON 对象' },
  CONTENT_TYPE: { en: 'the body must be application/json.', zh: '请求体必须为 application/json' },
  BODY_CHARSET: { en: 'the body is not UTF-8.', zh: '请求体不是有效的 UTF-8 编码' },
  URL_CHARSET: { en: 'the address is not UTF-8.', zh: '请求地址或参数不是有效的 UTF-8 编码' },
  FILE_NAME_CHARSET: { en: 'the name of the file is not UTF-8.', zh: '文件名不是有效的 UTF-8 编码' },
  PATH: { en: 'the path is not valid percent-encoding.', zh: '路径编码无效' },
  REQUEST_ID: { en: 'the header X-Request-ID is required.', zh: '缺少 X-Request-ID 请求头' },
  SUBSCRIPTION: {
    en: 'subscriptions are answered over WebSocket (graphql-ws) at /graphql.',
    zh: '订阅须通过 WebSocket (graphql-ws) 访问 /graphql',
  },
} as const satisfies Sentences;

/** Why nobody works in a tenant that their token allows: the values of `reason` in issues with the code TENANT_FORBIDDEN. */
export const tenantReasons = {
  TENANT_MISSING: {
    en: 'There is no tenant “{tenant}”: `crm tenant create` or `tenantCreate` in the graph creates one.',
    zh: '租户“{tenant}”不存在：请用 crm tenant create 命令或通过接口创建',
  },
  TENANT_INACTIVE: {
    en: 'The tenant “{tenant}” is not active: `crm tenant update --active` or `tenantUpdate` in the graph activates it.',
    zh: '租户“{tenant}”已停用：请用 crm tenant update --active 命令或通过接口启用',
  },
} as const satisfies Sentences;

/** What is said where a type of event that was named is nearly one that there is: the values of `reason` in issues with the code UNKNOWN_EVENT_TYPE. */
export const eventTypeReasons = {
  NEARLY: {
    en: '{field} is no type of event; did you mean {nearest}?',
    zh: '{field}不是已有的事件类型，是否应为 {nearest}？',
  },
} as const satisfies Sentences;

/** What is said where the start of a term was sent and lies behind its end: the value of `reason` in issues with the code DATES_REVERSED. */
export const datesReasons = {
  START: { en: '{field} is after the end.', zh: '{field}晚于结束日期' },
} as const satisfies Sentences;

/** What is said of a value that is not valid, where it is known what is wrong: values of `reason` in issues with the code INVALID. */
export const invalidReasons = {
  NOT_HTTPS: {
    en: '{field} must begin with https://; http:// is for networks that the configuration key CRM_WEBHOOK_NETWORKS names.',
    zh: '{field}必须以 https:// 开头；http:// 仅用于配置项 CRM_WEBHOOK_NETWORKS 指定的内网网段',
  },
  USER_IN_URL: {
    en: '{field} must not hold a user name or a password.',
    zh: '{field}中不能包含用户名或密码',
  },
  NOT_ASSIGNABLE: {
    en: '{field} must be an active person.',
    zh: '{field}必须是启用的人员账号',
  },
  NOT_JSON: { en: '{field} must be JSON.', zh: '{field}必须为 JSON' },
  NOT_OF_TYPE: { en: '{field} must be of the type {type}.', zh: '{field}的类型必须为 {type}' },
  UNKNOWN_NAME: { en: '{field} names no field that there is.', zh: '{field}指定的字段不存在' },
  TOO_DEEP: { en: '{field} is nested more than {max} deep.', zh: '{field}嵌套超过 {max} 层' },
  NOT_SHARED: { en: '{field} is not shared with the tenant.', zh: '{field}未共享给全租户' },
  OWN_USER: { en: 'Nobody deactivates themselves.', zh: '不能停用自己的账号' },
  SAME_USER: { en: '{field} is the user whose records are handed over.', zh: '{field}不能是移交人本人' },
  SYSTEM_USER: { en: 'The user of the server itself is not changed.', zh: '不能修改系统用户' },
} as const satisfies Sentences;
