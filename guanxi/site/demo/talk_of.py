"""What people of the sample company write down: follow-ups by stage, to-dos, promises, comments."""

#: stage: (activity type, words); {who} is the contact, {what} the product, {us} whoever sells
BY_STAGE: dict[str, tuple[tuple[str, str], ...]] = {
    "first_contact": (
        ("call_outbound", "电话联系{who}，介绍公司进口业务。对方表示近期有{what}的采购计划，约好发资料。"),
        ("call_inbound", "{who}来电询问{what}的供货周期和起订量，已记录需求，答应今天回复。"),
        ("wechat", "加了{who}微信，发送公司介绍和{what}产品手册。"),
        ("correspondence", "给{who}发送了公司简介、资质文件和{what}的样本。"),
        ("research", "查了对方近两年的进口数据：{what}主要从宁波口岸进，供应商两家。")),
    "interest": (
        ("visit", "到{who}公司拜访，看了生产现场。现用国产替代件，合格率不稳定，对{what}兴趣较大。"),
        ("call_outbound", "回访{who}：资料已转给技术部，希望了解同行案例。"),
        ("wechat", "{who}问{what}是否有现货，发了保税仓库存表。"),
        ("meeting", "与{who}及使用部门开会，介绍{what}的技术参数，对方记录了三个问题。")),
    "decision_maker": (
        ("appointment", "通过{who}约到总经理，见面半小时。老板关心交期和付款方式，对价格没有明确表态。"),
        ("meeting", "与总经理、{who}共同讨论项目预算，年内要落地，采购由副总拍板。"),
        ("visit", "拜访决策人，{who}陪同。对方明确年度预算已批，会比三家。")),
    "needs": (
        ("meeting", "需求梳理会：{what}数量、规格、验收标准已确认，{who}负责内部汇总。"),
        ("call_outbound", "与{who}逐条核对技术要求，差异两项，需要厂家确认。"),
        ("research", "整理{what}海外三家工厂的报价与认证情况，形成对比表。"),
        ("fax_outbound", "应{who}要求传真了盖章的技术确认单。")),
    "solution": (
        ("presentation", "向{who}和技术部讲解{what}方案，重点说明质保和备件。反馈积极，要求补充能耗数据。"),
        ("correspondence", "方案书和报价单（有效期 30 天）已发{who}，抄送副总。"),
        ("call_outbound", "确认{who}收到方案。内部评审排在下周三。")),
    "demonstration": (
        ("demonstration", "在保税仓做了{what}现场演示，{who}带了两位工程师，样品测试结果达标。"),
        ("visit", "陪{who}参观已投产客户，使用部门评价很好。"),
        ("milestone", "样品测试通过，{who}签收测试报告。")),
    "evaluation": (
        ("meeting", "评审会：技术分第一，商务分第二。{who}建议把付款方式改为 3-6-1。"),
        ("call_outbound", "{who}透露竞争对手降价 5%，希望我们在交期上再让一步。"),
        ("correspondence", "按评审意见修改方案，第二版已发{who}。")),
    "verbal": (
        ("call_inbound", "{who}来电：内部已同意由我们供货，等法务过合同。"),
        ("wechat", "{who}微信确认口头意向，请我们准备合同文本。"),
        ("event", "邀请{who}一行参加进口博览会，老板当场表态年内签约。")),
    "negotiation": (
        ("meeting", "合同谈判：价格和交期已定，违约金条款双方各退一步。{who}负责走流程。"),
        ("correspondence", "合同第三稿发{who}，修改了验收条款。"),
        ("call_outbound", "催{who}盖章进度，法务预计本周内完成。")),
}
NEXT_STEPS = ("发送更新后的报价单", "约技术部电话会议", "准备样品并安排测试", "确认信用证条款", "拜访决策人",
              "提交第二版方案", "跟进合同盖章", "补充同行案例")
WON_NOTES = ("技术得分第一，老客户推荐起了作用。", "交期比对手快两周。", "副总全程支持，付款条件双方都能接受。",
             "首单试用满意，直接签年度框架。")
LOST_NOTES = ("对方选择了国产替代，价格低三成。", "总部集中采购，项目取消。", "竞争对手给了更长的账期。",
              "预算推迟到明年。")
COMMENTS = (
    "@[{id}] 这个客户账期偏长，报价时请注意资金占用。", "@[{id}] 技术确认单我看过了，可以往下走。",
    "@[{id}] 下周我去苏州，可以一起拜访。",
    "@[{id}] 海运费又涨了，报价有效期缩短到 15 天。", "@[{id}] 做得好，注意把合同里的检验条款写清楚。")
REMARKS = ("样品已到保税仓，随时可以安排测试。", "对方财务要求预开发票，已和财务沟通。",
           "工厂回复交期六周，旺季可能再加一周。")
TO_DOS = ("整理本周报价单", "核对信用证条款", "给海外工厂发询盘", "更新客户付款计划", "准备周五例会材料", "跟进报关进度",
          "寄送样品并登记单号", "回传盖章合同扫描件",
          "提交差旅报销", "确认展会客户名单")
PLANNED = (("meeting", "项目推进会：{what}"), ("visit", "上门拜访，确认{what}验收标准"),
           ("call_outbound", "电话回访{what}报价反馈"),
           ("demonstration", "{what}样机演示"), ("presentation", "{what}方案讲解"),
           ("appointment", "与决策人面谈{what}合作"))
PROMISES = (
    ("ours", "周五前提供含税到岸报价"), ("ours", "免费提供两套样品测试"), ("theirs", "本月底前付清首批货款"),
    ("ours", "派工程师现场指导安装"),
    ("theirs", "下周给出技术评审意见"), ("ours", "交货期缩短到 30 天"), ("theirs", "介绍集团采购总监见面"),
    ("ours", "年度返利按 2% 结算"))
NEEDS = ("想了解进口{what}的价格和交期", "现有供应商断货，急寻{what}", "新工厂投产，需要{what}",
         "展会看到样品，希望拿{what}报价", "朋友推荐，咨询{what}代理进口")
