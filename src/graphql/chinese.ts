import { GraphQLError, TokenKind, type Token } from 'graphql';
import { pathLabel } from '../core/labels.js';

// What GraphQL and Apollo say in English, in Chinese for callers who have not asked for English. Of names only those that
// the caller has written are in a sentence.

type Say = string | ((...groups: string[]) => string);

const kinds: Readonly<Record<string, string>> = {
  Boolean: '必须为布尔值',
  Date: '必须为日期',
  DateTime: '必须为日期时间',
  Decimal: '必须为小数位不超过四位的十进制数',
  Float: '必须为数字',
  ID: '必须为文本或整数标识',
  Int: '必须为整数',
  Percent: '必须为小数位不超过两位的百分比数值',
  String: '必须为文本',
};

const ofKind = (type: string): string => kinds[type.replace(/[![\]]/g, '')] ?? '类型不符合接口定义';

/** What is wrong with a value, wherever it stands. */
const ofValues: ReadonlyArray<readonly [pattern: RegExp, say: Say]> = [
  [/^Expected non-nullable type "[^"]+" not to be null\.$/, '不能为空值'],
  [/^Expected type "[^"]+" to be an object\.$/, '必须为对象'],
  [
    /^Field "(?:\w+\.)?(\w+)" of required type "[^"]+" was not provided\.$/,
    (field) => `缺少必填项“${pathLabel([field])}”`,
  ],
  [/^Field "([^"]+)" is not defined by type "[^"]+"/, (field) => `没有字段“${field}”`],
  [/^(?:Exactly one key must be specified for OneOf type|OneOf Input Object) "[^"]+"/, '必须且只能给出其中一项'],
  [/^Field "(?:\w+\.)?(\w+)" must be non-null\.$/, (field) => `字段“${field}”不能为空值`],
  [/^Int cannot represent non 32-bit signed integer value/, '超出整数的取值范围'],
  [/^(?:Value ".*" does not exist in "\w+" enum|Enum "\w+" cannot represent)/s, '不是允许的选项'],
  [/^(\w+) (?:cannot represent|must be written as)/, ofKind],
  [/^Expected type "([^"]+)"\.(?: ([^]*))?$/, (type, why) => (why && said(why, ofValues)) || ofKind(type)],
  [/^Expected value of type "[^"]+", found null\.$/, '不能为空值'],
  [
    /^Expected value of type "([^"]+)", found [^]*?(?:; ((?:\w+ cannot represent|Value "|Enum "|Field "|Expected ).*))?$/,
    (type, why) => (why && said(why, ofValues)) || ofKind(type),
  ],
];

/** What else can be wrong: with arguments and variables, with the document, with the request. */
const ofRequests: ReadonlyArray<readonly [pattern: RegExp, say: Say]> = [
  [
    /^Variable "\$(\w+)" got invalid value [^]*?(?: at "([\w.[\]]+)")?; ((?:Expected|Field|Exactly|Value|Enum|\w+ cannot) [^]*)$/,
    (name, place, why) => {
      const label = place && pathLabel(pathOf(place).slice(1));
      return `变量 $${name} ${label ? `中的${label}` : '的值'}无效：${said(why, ofValues) ?? '不符合接口定义'}`;
    },
  ],
  [/^Too many errors processing variables/, '变量中的错误过多，其余错误未列出'],
  [/^Variable "\$(\w+)" of required type "[^"]+" was not provided\.$/, (name) => `缺少变量 $${name}`],
  [/^Variable "\$(\w+)" (?:of non-null type "[^"]+" )?must not be null/, (name) => `变量 $${name} 不能为空值`],
  [/^Argument "(\w+)" .*must not be null\.$/, (name) => `参数 ${name} 不能为空值`],
  [/^Argument "(\w+)" has invalid value/, (name) => `参数 ${name} 的值无效`],
  [/^Argument "(\w+)" /, (name) => `缺少参数“${pathLabel([name])}”`],
  [
    /^Field "(\w+)" argument "(\w+)" of type "[^"]+" is required/,
    (field, name) => `字段 ${field} 缺少参数“${pathLabel([name])}”`,
  ],
  [/^Directive "@(\w+)" argument "\w+" of type/, (name) => `指令 @${name} 缺少参数`],
  [/^Variable "\$(\w+)" is never used/, (name) => `变量 $${name} 未被使用`],
  [/^Variable "\$(\w+)" is not defined/, (name) => `变量 $${name} 未声明`],
  [/^Variable "\$(\w+)" expected value of type/, (name) => `变量 $${name} 的类型不能用于输入`],
  [/^Variable "\$(\w+)" cannot be non-input type/, (name) => `变量 $${name} 的类型不能用于输入`],
  [/^Variable "\$(\w+)" (?:is )?of type/, (name) => `变量 $${name} 的类型与使用处要求的类型不一致`],
  [/^There can be only one variable named "\$(\w+)"/, (name) => `变量 $${name} 重复声明`],
  [/^There can be only one argument named "(\w+)"/, (name) => `参数 ${name} 重复`],
  [/^There can be only one input field named "(\w+)"/, (name) => `字段 ${name} 重复`],
  [/^There can be only one operation named "(\w+)"/, (name) => `操作 ${name} 重复`],
  [/^There can be only one fragment named "(\w+)"/, (name) => `片段 ${name} 重复`],
  [/^Cannot query field "(\w+)"/, (name) => `没有字段 ${name}`],
  [/^Unknown argument "(\w+)" on/, (name) => `没有参数 ${name}`],
  [/^Unknown directive "@(\w+)"/, (name) => `没有指令 @${name}`],
  [/^Unknown fragment "(\w+)"/, (name) => `没有片段 ${name}`],
  [/^Unknown type "(\w+)"/, (name) => `没有类型 ${name}`],
  [/^Unknown operation named "([^]*)"\.$/, (name) => `请求中没有名为“${name}”的操作`],
  [/^Field "(\w+)" must not have a selection/, (name) => `字段 ${name} 没有下级字段`],
  [/^Field "(\w+)" of type "[^"]+" must have/, (name) => `字段 ${name} 须选择下级字段`],
  [/^Fields "([^"]+)" conflict/, (name) => `名为 ${name} 的多个字段互相冲突，请使用不同的别名`],
  [/^Fragment cannot be spread here/, '片段的类型不适用于此处'],
  [/^Fragment "(\w+)" cannot be spread here/, (name) => `片段 ${name} 的类型不适用于此处`],
  [/^Fragment (?:"(\w+)" )?cannot condition on/, '片段的类型不能有下级字段'],
  [/^Fragment "(\w+)" is never used/, (name) => `片段 ${name} 未被使用`],
  [/^Cannot spread fragment "(\w+)" within itself/, (name) => `片段 ${name} 包含自身`],
  [/^Directive "@(\w+)" may not be used/, (name) => `指令 @${name} 不能用于此处`],
  [/^The directive "@(\w+)" can only be used once/, (name) => `指令 @${name} 在此处重复`],
  [/^The .+ definition is not executable/, '请求中只能有操作和片段'],
  [/^This anonymous operation must be the only/, '有多个操作时，每个操作都须命名'],
  [/^(?:Subscription "\w+"|Anonymous Subscription) must (?:select only|not select)/, '订阅须选择且只能选择一个字段'],
  [/^Maximum introspection depth exceeded/, '接口结构查询嵌套过深'],
  [/^GraphQL introspection has been disabled/, '接口结构查询未开放'],
  [/^Too many validation errors/, '请求中的错误过多，其余错误未列出'],
  [/^Syntax Error: Document contains more tha[tn] /, '请求文本过长'],
  [/^Syntax Error: Source contains more than /, '请求文本过长'],
  [/^Syntax Error: /, '请求文本存在语法错误'],
  [/^Must provide operation name|^The operation is not named/, '有多个操作时，须指明要执行的操作'],
  [/^Must provide an operation/, '请求中没有操作'],
  [/^Schema (?:is not configured|does not define)/, '不支持此类操作'],
  [/^The subscription field "(\w+)" is not defined/, (name) => `没有订阅 ${name}`],
  [/^The operation is too large: .*?(\d+) (rows; the limit is|fields at the root|fields\.)(?: (\d+))?/, tooLarge],
  [
    /^The operation is too costly: it can cost (\d+) points; the limit is (\d+)/,
    (cost, limit) => `操作开销过大：最多可达 ${cost} 点，上限为 ${limit} 点`,
  ],
  [/^The operation is too large: its variables are nested more than (\d+)/, (max) => `变量嵌套不能超过 ${max} 层`],
  [/^The operation is too large: more than (\d+) characters/, (max) => `操作不能超过 ${max} 个字符`],
  [/^The operation is too large: more than (\d+) definitions/, (max) => `请求中的操作和片段不能超过 ${max} 个`],
  [/^The operation is too large: more than (\d+) directives/, (max) => `每处指令不能超过 ${max} 个`],
  [/^The operation is too large: fields more than (\d+) deep/, (max) => `操作过大：字段嵌套不能超过 ${max} 层`],
  [/^The '(\w+)' search parameter may only be specified once/, (name) => `参数 ${name} 重复`],
  [/^The (\w+) search parameter (?:contains invalid|should contain)/, (name) => `参数 ${name} 必须为对象`],
  [/^GraphQL queries must be strings/, '操作必须为文本'],
  [/^POST body missing/, '请求体缺失或格式错误'],
  [/^`(\w+)` in a POST body (?:should|must) be .*object/, (name) => `请求体中的 ${name} 必须为对象`],
  [/^`(\w+)` in a POST body must be a string/, (name) => `请求体中的 ${name} 必须为文本`],
  [/^GET requests may not have a content-type header/, '此请求方式不支持该请求体类型'],
  [/^Apollo Server supports only/, '不支持该请求方式'],
  [/^An 'accept' header was provided/, '请求头所要求的响应格式不受支持'],
  [/^Apollo server received an operation that uses incremental delivery/, '不支持分批返回结果'],
  [
    /^This operation has been blocked as a potential Cross-Site/,
    '为防止跨站请求伪造，该请求已被拒绝：请使用规定的请求体类型或请求头',
  ],
  [/^Unsupported persisted query version/, '不支持该版本的持久化查询'],
  [/^provided sha does not match query/, '持久化查询的摘要与操作文本不符'],
  [/^GraphQL operations must contain a non-empty/, '请求中没有操作'],
  [/^GET requests only support query operations/, '此请求方式只能用于查询'],
  [/^No operations found in request/, '请求中没有操作'],
  [/^(?:Operation batching disabled|Incremental delivery is not)/, '不支持在一个请求中执行多个操作'],
];

function tooLarge(count: string, what: string, limit: string): string {
  if (what.startsWith('rows')) return `操作过大：各分页合计可达 ${count} 条，上限为 ${limit} 条`;
  return what.startsWith('fields at') ? `操作过大：顶层字段不能超过 ${count} 个` : `操作过大：字段不能超过 ${count} 个`;
}

/** Words that clients of the protocol compare with. */
const ofProtocol = /^PersistedQueryNot(?:Found|Supported)$/;

function said(message: string, table: ReadonlyArray<readonly [RegExp, Say]>): string | undefined {
  for (const [pattern, say] of table) {
    const match = pattern.exec(message);
    if (match) return typeof say === 'string' ? say : say(...(match.slice(1) as string[]));
  }
  return undefined;
}

/** The sentence for an English one of GraphQL or Apollo; undefined for one that is not known. */
export function chineseOf(message: string): string | undefined {
  if (ofProtocol.test(message)) return message;
  return said(message, ofRequests) ?? said(message, ofValues);
}

/** The steps of a place as GraphQL writes it: `v.contacts[0].email` are `v`, `contacts`, `0` and `email`. */
const pathOf = (place: string): string[] => place.split(/[.[\]]+/).filter(Boolean);

/** The variable, the argument or the field of an input that an error is about, as a path; undefined if it is about none. */
export function fieldOf({ message, nodes }: GraphQLError): string[] | undefined {
  const variable = /^Variable "\$(\w+)"(?: got invalid value [^]*? at "(\w[\w.[\]]*)";)?/.exec(message);
  if (variable) return variable[2] ? pathOf(variable[2]) : [variable[1]!];
  const argument = /^(?:Unknown argument|Argument|Field "\w+" argument) "(\w+)"/.exec(message);
  if (argument) return [argument[1]!];
  const token = said(message, ofValues) && nodes?.[0]?.loc?.startToken;
  const path = token ? pathTo(token) : [];
  return path.length > 0 ? path : undefined;
}

/** The argument and the fields that a value stands in, from the words before it. */
function pathTo(value: Token): string[] {
  const path: string[] = [];
  let closed = 0;
  // the name before the value is found, and not yet the beginning of what holds both
  let isNamed = false;
  for (let token = value.prev; token; token = token.prev) {
    if (token.kind === TokenKind.PAREN_L && closed === 0) return path;
    if (token.kind === TokenKind.COLON && closed === 0 && !isNamed) {
      path.unshift(token.prev!.value);
      isNamed = true;
    }
    if (token.kind === TokenKind.BRACE_R || token.kind === TokenKind.BRACKET_R) closed += 1;
    if (token.kind === TokenKind.BRACE_L && closed === 0) isNamed = false;
    if ((token.kind === TokenKind.BRACE_L || token.kind === TokenKind.BRACKET_L) && closed > 0) closed -= 1;
  }
  return [];
}
