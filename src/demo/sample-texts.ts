// The words that demo data are made of. Persons and companies are invented; whoever bears such a name does so by chance.

/** Cities with their sales region and the first six digits of tax numbers there. */
export const cities: readonly (readonly [name: string, region: string, area: string])[] = [
  ['上海', '华东', '310115'],
  ['北京', '华北', '110105'],
  ['广州', '华南', '440106'],
  ['成都', '西南', '510104'],
  ['武汉', '华中', '420106'],
  ['杭州', '华东', '330106'],
  ['西安', '西北', '610113'],
  ['沈阳', '东北', '210102'],
  ['深圳', '华南', '440305'],
  ['南京', '华东', '320105'],
  ['天津', '华北', '120116'],
  ['重庆', '西南', '500103'],
  ['长沙', '华中', '430104'],
  ['苏州', '华东', '320505'],
  ['青岛', '华东', '370202'],
  ['大连', '东北', '210202'],
  ['石家庄', '华北', '130102'],
  ['厦门', '华南', '350203'],
  ['昆明', '西南', '530102'],
  ['郑州', '华中', '410105'],
  ['宁波', '华东', '330203'],
  ['兰州', '西北', '620102'],
  ['佛山', '华南', '440604'],
  ['济南', '华东', '370102'],
  ['太原', '华北', '140105'],
  ['贵阳', '西南', '520102'],
  ['合肥', '华东', '340104'],
  ['哈尔滨', '东北', '230102'],
  ['南昌', '华中', '360102'],
  ['东莞', '华南', '441900'],
  ['无锡', '华东', '320211'],
  ['乌鲁木齐', '西北', '650102'],
  ['福州', '华东', '350102'],
  ['南宁', '华南', '450103'],
  ['长春', '东北', '220102'],
  ['唐山', '华北', '130203'],
];

export const firstSyllables = '华宏恒瑞天金中新嘉博盛永安德泰鑫卓远东海星云智启正信佳锦源凯联创光明康凌晨翰腾优'.split(
  '',
);
export const secondSyllables = '达源通信盛泰和成丰航诚瑞科益联邦腾辰图创宇翔美峰业利兴昌海汇安康宁杰远智讯润恒川'.split(
  '',
);

export interface Trade {
  /** in the name of the company, before its legal form */
  word: string;
  industry: string;
  scope: string;
  kind: 'ENTERPRISE' | 'GOVERNMENT' | 'INDIVIDUAL' | 'NONPROFIT' | 'EDUCATION';
  /** how names end, three for each trade */
  endings: readonly [string, string, string];
}

const company = (word: string, industry: string, scope: string): Trade => ({
  word,
  industry,
  scope,
  kind: 'ENTERPRISE',
  endings: ['有限公司', '股份有限公司', '集团有限公司'],
});

export const trades: readonly Trade[] = [
  company('信息技术', '信息技术', '软件开发；信息系统集成；技术咨询与服务'),
  company('软件', '信息技术', '软件开发与销售；数据处理；信息技术咨询'),
  company('智能科技', '信息技术', '人工智能应用软件开发；智能设备销售'),
  company('装备制造', '制造业', '专用设备制造、销售与维修'),
  company('精密机械', '制造业', '机械零部件加工与销售'),
  company('电子', '制造业', '电子元器件制造与销售'),
  company('新材料', '制造业', '新材料技术研发；合成材料制造与销售'),
  company('汽车零部件', '汽车', '汽车零部件及配件制造与批发'),
  company('汽车销售服务', '汽车', '汽车销售；机动车维修与保养'),
  company('医药', '医药健康', '药品批发；医药技术研发'),
  company('医疗器械', '医药健康', '医疗器械生产与经营'),
  company('商贸', '批发零售', '日用百货、食品与办公用品销售'),
  company('连锁超市', '批发零售', '食品经营；日用品零售'),
  company('食品', '食品饮料', '食品生产与销售'),
  company('供应链管理', '物流运输', '供应链管理服务；国内货物运输代理'),
  company('物流', '物流运输', '道路货物运输；仓储服务'),
  company('建设工程', '建筑地产', '建设工程施工；工程管理服务'),
  company('置业', '建筑地产', '房地产开发经营；物业管理'),
  company('新能源', '能源环保', '光伏发电设备销售；新能源技术研发'),
  company('环保科技', '能源环保', '环境保护专用设备销售；水污染治理'),
  company('融资租赁', '金融', '融资租赁业务；租赁财产的残值处理与维修'),
  company('文化传媒', '文化传媒', '广告设计、制作与发布；会议及展览服务'),
  company('农业科技', '农业', '农产品初加工与销售；农业技术服务'),
  company('酒店管理', '住宿餐饮', '酒店管理；餐饮管理'),
  {
    word: '',
    industry: '教育',
    scope: '学历教育与职业培训',
    kind: 'EDUCATION',
    endings: ['职业技术学院', '外国语学校', '实验学校'],
  },
  {
    word: '',
    industry: '政府',
    scope: '园区规划、建设与政务服务',
    kind: 'GOVERNMENT',
    endings: ['高新区管理委员会', '产业园管理办公室', '开发区政务服务中心'],
  },
  {
    word: '',
    industry: '社会组织',
    scope: '公益活动的组织与资助',
    kind: 'NONPROFIT',
    endings: ['公益基金会', '行业协会', '慈善促进会'],
  },
  { word: '', industry: '批发零售', scope: '日用百货零售', kind: 'INDIVIDUAL', endings: ['商行', '经营部', '工作室'] },
];

/** Written form and pinyin. */
export type Syllable = readonly [written: string, pinyin: string];
const syllables = (text: string): Syllable[] => text.split(' ').map((pair) => [pair[0]!, pair.slice(1)]);

export const surnames = syllables(
  '王wang 李li 张zhang 刘liu 陈chen 杨yang 赵zhao 黄huang 周zhou 吴wu 徐xu 孙sun 胡hu 朱zhu 高gao 林lin 何he 郭guo 马ma 罗luo 梁liang 宋song 郑zheng 谢xie 韩han 唐tang 冯feng 于yu 董dong 萧xiao 程cheng 曹cao 袁yuan 邓deng 许xu 傅fu 沈shen 曾zeng 彭peng 吕lv',
);
export const givenSyllables = syllables(
  '伟wei 芳fang 娜na 敏min 静jing 丽li 强qiang 磊lei 军jun 洋yang 勇yong 艳yan 杰jie 涛tao 明ming 超chao 秀xiu 霞xia 平ping 刚gang 桂gui 文wen 华hua 建jian 国guo 红hong 玉yu 志zhi 海hai 晓xiao 春chun 雪xue 梅mei 宇yu 浩hao 欣xin 佳jia 婷ting 鹏peng 飞fei 琳lin 瑶yao 子zi 涵han 思si 雨yu 俊jun 凯kai 博bo 晨chen',
);

export const mobilePrefixes = [
  '130',
  '133',
  '135',
  '136',
  '137',
  '138',
  '139',
  '150',
  '151',
  '155',
  '158',
  '159',
  '180',
  '185',
  '186',
  '188',
  '189',
];
export const streets = [
  '人民路',
  '中山路',
  '解放路',
  '建设大道',
  '科技园路',
  '创新大道',
  '滨江路',
  '长江路',
  '文化路',
  '迎宾大道',
  '高新一路',
  '软件园路',
];
export const sources = ['客户推荐', '线上咨询', '展会', '电话营销', '老客户转介绍', '合作伙伴', '官网注册'];
export const banks = ['示例银行', '示范商业银行', '样例农村商业银行'];
export const departments = ['采购部', '信息部', '市场部', '财务部', '运营部', '行政部', '技术部', '总经办'];
export const positions = [
  '采购经理',
  '信息主管',
  '市场总监',
  '财务经理',
  '运营总监',
  '行政主管',
  '技术总监',
  '副总经理',
  '总经理',
  '项目经理',
];
export const linkRoles = ['决策人', '技术评估', '商务对接', '使用部门', '财务结算'];
export const channels = ['电话', '微信', '邮件', '上门拜访'];
export const preferences = [
  '上午联系为宜',
  '偏好微信沟通',
  '关注交付周期',
  '关注性价比',
  '每周三例会后有空',
  '喜欢先看演示',
];
export const products = [
  '客户管理平台',
  '数据中台',
  '协同办公系统',
  '智能客服系统',
  '供应链管理系统',
  '财务共享平台',
  '生产执行系统',
  '物联网平台',
  '商业智能分析平台',
  '会员营销系统',
  '仓储管理系统',
  '电子签章服务',
  '云桌面',
  '网络安全服务',
  '运维服务',
  '人力资源系统',
];
export const projects = ['采购项目', '升级改造项目', '试点项目', '二期建设', '年度服务', '扩容项目'];
export const paymentTerms = ['货到 30 天付款', '月结 60 天', '预付 30%，验收后付清', '按季度结算', '款到发货'];
export const serviceLevels = ['5×8', '7×24', '7×24，4 小时到场'];
export const wonReasons = ['方案匹配度高', '价格与服务有优势', '老客户续购', '试用效果良好'];
export const lostReasons = ['预算被取消', '选择了竞争对手', '价格超出预算', '项目延期', '需求发生变化'];
export const remarks = ['重点跟进', '年底前有采购计划', '合作顺利，可推荐新产品', '付款及时', '需要定期回访'];

/** What is talked about: subject, what was said, what came of it. */
export const talks: readonly { subject: string; content: string; outcome: string }[] = [
  { subject: '需求沟通', content: '了解业务现状和痛点，客户希望先从两个部门试用。', outcome: '需求已确认' },
  { subject: '方案演示', content: '演示了主要功能，客户关心数据迁移和权限管理。', outcome: '客户认可方案' },
  { subject: '报价沟通', content: '就价格和付款方式交换了意见，客户需要内部审批。', outcome: '等待客户审批' },
  { subject: '合同条款确认', content: '逐条确认服务级别和验收标准，法务提出两处修改。', outcome: '条款已基本确认' },
  { subject: '项目进展回访', content: '上线后使用情况良好，希望增加报表。', outcome: '记录新需求' },
  { subject: '季度回访', content: '回顾本季度服务情况，客户对响应速度表示满意。', outcome: '关系稳定' },
  { subject: '培训安排', content: '商定培训时间、人数和场地。', outcome: '培训时间已定' },
];

export const places = ['客户办公室', '公司会议室', '线上会议', '客户生产基地'] as const;
export const nextActions = [
  '发送方案',
  '更新报价',
  '安排技术交流',
  '预约下次拜访',
  '准备合同草案',
  '确认培训名单',
] as const;
export const receipt = '已收到反馈，正在处理';

/** Requests of customers. */
export const matters: readonly {
  kind: 'QUESTION' | 'COMPLAINT' | 'SUGGESTION' | 'ISSUE';
  subject: string;
  description: string;
  resolution: string;
}[] = [
  {
    kind: 'ISSUE',
    subject: '系统登录问题',
    description: '用户无法登录系统，提示密码错误。',
    resolution: '重置用户密码，问题已解决',
  },
  {
    kind: 'ISSUE',
    subject: '报表导出失败',
    description: '导出月度报表时页面无响应。',
    resolution: '修复导出程序，客户已验证',
  },
  {
    kind: 'ISSUE',
    subject: '数据同步延迟',
    description: '订单数据比业务系统晚两小时。',
    resolution: '调整同步计划，延迟恢复正常',
  },
  {
    kind: 'QUESTION',
    subject: '如何设置审批流程',
    description: '希望为采购部门增加一级审批。',
    resolution: '提供配置说明并远程协助完成',
  },
  {
    kind: 'QUESTION',
    subject: '发票开具咨询',
    description: '询问增值税专用发票的开具时间。',
    resolution: '已告知开票流程，发票已寄出',
  },
  {
    kind: 'COMPLAINT',
    subject: '实施进度滞后',
    description: '原定月底上线，目前仍有两个模块未完成。',
    resolution: '增派实施人员，重新确认上线计划',
  },
  {
    kind: 'COMPLAINT',
    subject: '客服响应慢',
    description: '提交问题后一天没有答复。',
    resolution: '已致歉并指定专属客服',
  },
  {
    kind: 'SUGGESTION',
    subject: '建议增加移动端审批',
    description: '领导经常出差，希望手机上可以审批。',
    resolution: '列入下一版本计划并告知客户',
  },
];

/** Tags: name, category, how they come to be. */
export const tags: ReadonlyArray<readonly [name: string, category: string, kind: 'MANUAL' | 'AUTOMATIC']> = [
  ['重点客户', '价值', 'MANUAL'],
  ['高增长', '价值', 'AUTOMATIC'],
  ['价格敏感', '行为', 'AUTOMATIC'],
  ['技术导向', '行为', 'MANUAL'],
  ['续约风险', '风险', 'AUTOMATIC'],
  ['标杆案例', '市场', 'MANUAL'],
  ['多分支机构', '组织', 'MANUAL'],
  ['决策周期长', '行为', 'MANUAL'],
];

/** Campaigns: name and by what means. */
export const campaigns: ReadonlyArray<readonly [name: string, kind: 'EMAIL' | 'SOCIAL' | 'EVENT' | 'ADVERTISEMENT']> = [
  ['行业峰会', 'EVENT'],
  ['老客户回访邮件', 'EMAIL'],
  ['公众号专题', 'SOCIAL'],
  ['搜索推广', 'ADVERTISEMENT'],
  ['新产品发布会', 'EVENT'],
  ['年终感恩邮件', 'EMAIL'],
];
