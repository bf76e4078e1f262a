"""Errors in words: what was wrong (from the error), and by code what it means in Chinese and what to do."""

from __future__ import annotations

from xianglian.errors import Rejected, Unreachable, XianglianError

_WORDS: dict[str, tuple[str, str, str]] = {
    # code: (what, in Chinese; what to do, in Chinese; what to do, in English)
    "XL-NO-NETWORK": ("此目录中没有网络", "用 xl network new 目录 新建, 或用 --network 指定", "make one: xl network new DIR, or --network DIR"),
    "XL-NETWORK-DOWN": ("网络或节点没有运行", "xl network up 启动; xl network status 查看", "start it: xl network up; look: xl network status"),
    "XL-FOLDER-EXISTS": ("目录已存在, 未作任何改动", "换一个目录名", "choose another folder"),
    "XL-PROFILE": ("没有这个身份", "xl key list 查看已有身份", "see them: xl key list"),
    "XL-KEYS-NO-PASSPHRASE": ("没有密钥库口令", "设置 XL_PASSPHRASE_FILE", "set XL_PASSPHRASE_FILE"),
    "XL-KEYS-PASSPHRASE": ("密钥库口令不对", "检查 XL_PASSPHRASE_FILE 指向的文件", "check the file that XL_PASSPHRASE_FILE names"),
    "XL-CONFIGURATION": ("配置有误", "按提示修改该文件", "correct the file named above"),
    "XL-TX-TIMEOUT": ("在限定时间内未最终确认, 结果未知", "稍后用交易哈希查询: xl tx show 哈希", "ask by hash later: xl tx show HASH"),
    "XL-TX-FAILED": ("交易执行失败, 未生效", "xl tx explain 哈希 查看原因与源代码行", "see why and where: xl tx explain HASH"),
    "XL-RIGHT-ADMIN": ("需要本机构管理员权限", "用管理员身份: --as admin-机构", "act as the administrator: --as admin-ORG"),
    "XL-RIGHT-DEVELOPER": ("需要开发者或管理员权限", "xl account grant 账户 developer", "xl account grant ACCOUNT developer"),
    "XL-ACCOUNT-SUSPENDED": ("账户已停用", "请管理员恢复: xl account resume", "ask the administrator: xl account resume"),
    "XL-ACCOUNT-UNKNOWN": ("账户未登记", "xl account add 登记", "admit it: xl account add"),
    "XL-KEY-REVOKED": ("密钥已吊销", "换用有效密钥", "use a key that is not revoked"),
    "XL-CONTRACT-EXISTS": ("合约名已被占用", "换一个名称: --name", "choose another name: --name"),
    "XL-NOT-FOUND": ("链上没有, 或尚未最终确认", "核对名称或哈希", "check the name or hash"),
    "XL-BUSY": ("节点正忙, 未处理", "稍后重试", "try again shortly"),
    "XL-SESSION": ("需要登录", "检查身份与账户状态", "check the profile and the account's status"),
    "XL-SESSION-LOGIN": ("登录被拒绝", "核对账户、密钥与本机时钟", "check account, key and this machine's clock"),
    "XL-PROOF-REFUSED": ("证明不成立", "文件可能被改动, 请向出具方重新索取", "the file may have been changed: ask for it anew"),
    "XL-NODE-FAULT": ("节点为避免出错已停机", "查看日志 node.log", "read the node's log"),
    "XL-NODE-STRANGER": ("节点密钥未获准加入", "由成员机构登记该节点", "have the members admit the node"),
    "XL-NODE-DATABASE": ("节点数据库损坏", "从备份恢复或重新加入", "restore a backup, or join again"),
    "XL-ANSWER-SIGNATURE": ("应答缺少该节点的签名", "不要相信此应答, 检查地址", "do not trust the answer; check the address"),
}  # fmt: skip


def worded(error: XianglianError, language: str) -> str:
    """Lines for an operator: code and what, then the facts' reason, then what to do."""
    chinese, advice_zh, advice_en = _WORDS.get(error.code, ("", "", ""))
    if language == "zh":
        head = chinese or _family(error)
        lines = [f"错误 {error.code}: {head}", f"  {error.reason}"]
        advice = advice_zh
    else:
        lines = [f"error {error.code}: {error.reason}"]
        advice = advice_en
    if source := error.facts.get("source"):
        lines.append(f"  {'合约源代码' if language == 'zh' else 'contract source'} {source}")
    if tx_id := error.facts.get("tx_id"):
        lines.append(f"  tx {tx_id}")
    if advice:
        lines.append(f"  → {advice}")
    return "\n".join(lines)


def _family(error: XianglianError) -> str:
    if isinstance(error, Rejected):
        return "被拒绝, 未生效"
    if isinstance(error, Unreachable):
        return "没有回应"
    return "用法有误"
