"""XL-LINT-12: Anyone fills the comments of an article."""

from xianglian.contract import (
    Address,
    ContractError,
    Hash,
    List,
    Map,
    contract,
    ctx,
    entry,
    record,
    replace,
    require,
)


class Exists(ContractError):
    """已存在 / It exists."""


@record
class Article:
    author: Address
    comments: List[Hash, 16]


@contract
class Press:
    articles: Map[Hash, Article]

    @entry
    def publish(self, digest: Hash) -> None:
        require(digest not in self.articles, Exists)
        self.articles[digest] = Article(author=ctx.caller, comments=List[Hash, 16]())

    @entry
    def comment(self, digest: Hash, comment: Hash) -> None:
        article = self.articles[digest]
        self.articles[digest] = replace(article, comments=article.comments + [comment])
