"""A shop with its own tables: the order and its points are one transaction, kept together or not at all.

Run it anywhere: ``python examples/host_transaction.py``. It keeps a SQLite file in the folder it is started from.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from memberlogic import Actor, Handle, MemberLogic, MemberLogicError
from memberlogic.ids import AccountId, ExternalId, OrganizationId, new_id
from memberlogic_sqlalchemy import SqlAlchemyStorage, upgrade
from sqlalchemy import Engine, create_engine, func, select


class Base(DeclarativeBase):
    """The shop's own models."""


class Order(Base):
    """What the shop sold; nothing memberlogic knows about."""

    __tablename__ = "shop_orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    cents: Mapped[int]


class Shop:
    """A host: it owns the engine, the session and the commit."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        Base.metadata.create_all(engine)
        upgrade(engine)
        ml = MemberLogic(SqlAlchemyStorage(engine))
        tenant = ml.open_organization(name="Shop", zone=ZoneInfo("America/New_York"))
        org = ml.organization(tenant.id, Actor.system())
        club = org.loyalty.open_club(name="Regulars", zone=tenant.zone, member_types=["customer"])
        self.tenant: OrganizationId = tenant.id
        self.club = club.id

    def on_its_own(self) -> Handle:
        """A handle whose commands have transactions of their own."""
        return MemberLogic(SqlAlchemyStorage(self.engine)).organization(self.tenant, Actor.system())

    def open_account(self) -> AccountId:
        """An account of a new customer."""
        org = self.on_its_own()
        known = [ExternalId("shop", str(new_id()))]  # the number that the shop gives its customers
        member = org.members.register(member_type="customer", external_ids=known, verified=True)
        return org.loyalty.open_account(club=self.club, member=member.id).id

    def joined(self, session: Session) -> Handle:
        """A handle whose commands live in the session's transaction: each in a savepoint, never a commit."""
        return MemberLogic(SqlAlchemyStorage.joined(session)).organization(self.tenant, Actor.staff("till-1", TILL))

    def sell(self, account: AccountId, cents: int) -> None:
        """An order and its points, or neither."""
        with Session(self.engine) as session, session.begin():
            order = Order(cents=cents)
            session.add(order)
            session.flush()
            org = self.joined(session)
            org.ledger.credit(account, cents // 100, reason="order", reference=f"order {order.id}")

    def sell_with_gift(self, account: AccountId, cents: int, friend: AccountId, points: int) -> str:
        """A refusal rolls back to its own savepoint: the order stands, only the gift does not."""
        with Session(self.engine) as session, session.begin():
            session.add(Order(cents=cents))
            try:
                self.joined(session).ledger.transfer(source=account, target=friend, points=points)
            except MemberLogicError as refusal:
                return f"sold without the gift: {refusal}"
        return "sold with the gift"

    def report(self, account: AccountId) -> str:
        """What is committed."""
        with Session(self.engine) as session:
            orders = session.scalar(select(func.count()).select_from(Order))
        return f"{orders} orders, {self.on_its_own().ledger.balance(account).available} points"


TILL = ["members.points:create", "members.points:update", "members.points:read"]


def charge(cents: int) -> None:
    """The customer's card, which says no."""
    raise RuntimeError(f"the card was declined for {cents} cents")


def main() -> None:
    """Sell, sell with a gift that is refused, and fail after the points were given."""
    engine = create_engine("sqlite:///host_transaction.db")
    shop = Shop(engine)
    anas = shop.open_account()
    bens = shop.open_account()

    shop.sell(anas, 4_250)
    print(shop.report(anas))

    print(shop.sell_with_gift(anas, 900, friend=bens, points=50))
    print(shop.report(anas))

    try:
        with Session(engine) as session, session.begin():
            session.add(Order(cents=10_000))
            shop.joined(session).ledger.credit(anas, 100, reason="order")
            charge(10_000)
    except RuntimeError as problem:
        print(f"{problem}: nothing was kept")
    print(shop.report(anas))
    engine.dispose()


if __name__ == "__main__":
    main()
