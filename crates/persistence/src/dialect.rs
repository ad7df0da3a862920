//! Where the two engines' SQL differs: small query fragments that each engine renders its own way.

use crate::connection::MultiBackend;
use diesel::expression::{
    AppearsOnTable, AsExpression, Expression, SelectableExpression, TypedExpressionType, ValidGrouping, is_aggregate,
};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::sql_types::{BigInt, Bool, SqlType};
use diesel::sqlite::Sqlite;
use yhteen_domain::changes::Position;

/// A statement that every engine can render, though `MultiConnection` knows no common dialect for it:
/// `ON CONFLICT` is the one that matters.
#[derive(Debug, Clone, Copy, QueryId)]
pub(crate) struct PerEngine<Q>(Q);

impl<Q: Query> Query for PerEngine<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> RunQueryDsl<C> for PerEngine<Q> {}

impl<Q: QueryFragment<Pg> + QueryFragment<Sqlite>> QueryFragment<MultiBackend> for PerEngine<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(&self.0, pass)
    }
}

/// Locks the rows that a query finds until the transaction ends. SQLite has one writer, whose `BEGIN IMMEDIATE`
/// has locked everything already.
#[derive(Debug, Clone, Copy, QueryId)]
pub(crate) struct Locked<Q>(Q, LockSuffix);

#[derive(Debug, Clone, Copy, QueryId)]
pub(crate) enum LockSuffix {
    /// Nobody else may change or lock the row.
    ForUpdate,
    /// Nobody else may change the row; others may rest on it too.
    ForShare,
}

impl<Q: Query> Query for Locked<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> RunQueryDsl<C> for Locked<Q> {}

impl<Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Locked<Q> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.0.walk_ast(pass.reborrow())?;
        MultiBackend::walk_variant_ast(&self.1, pass)
    }
}

impl QueryFragment<Pg> for LockSuffix {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // The two have different texts under one query id, so neither may be cached by it.
        pass.unsafe_to_cache_prepared();
        pass.push_sql(match self {
            Self::ForUpdate => " FOR NO KEY UPDATE",
            Self::ForShare => " FOR SHARE",
        });
        Ok(())
    }
}

impl QueryFragment<Sqlite> for LockSuffix {
    fn walk_ast<'b>(&'b self, _: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        Ok(())
    }
}

/// The fragments as methods, to read in place.
pub(crate) trait DialectExt: Sized {
    /// Renders the statement in each engine's own dialect.
    fn per_engine(self) -> PerEngine<Self> {
        PerEngine(self)
    }

    /// Locks what is found against change and other locks.
    fn for_update_of_engine(self) -> Locked<Self> {
        Locked(self, LockSuffix::ForUpdate)
    }

    /// Locks what is found against change.
    fn for_share_of_engine(self) -> Locked<Self> {
        Locked(self, LockSuffix::ForShare)
    }
}

impl<Q> DialectExt for Q {}

/// Evaluates an expression with the engine's own connection in place of `db`: its full dialect. Multi-row inserts
/// need it.
macro_rules! each {
    ($db:ident => $query:expr) => {
        match &mut *$db {
            $crate::Db::Postgres($db) => $query,
            $crate::Db::Sqlite($db) => $query,
        }
    };
}
pub(crate) use each;

/// `(a, b) > (x, y)` or `(a, b) < (x, y)`: what follows a given row in the order of `(a, b)`, answered from the
/// index by both engines.
#[derive(Debug, Clone, Copy, QueryId)]
pub(crate) struct RowCompare<A, B, X, Y> {
    left: (A, B),
    right: (X, Y),
    descending: bool,
}

/// What follows `right` in the order of `left`, which descends where `descending` says so.
pub(crate) fn row_after<A, B, X, Y>(
    left: (A, B),
    right: (X, Y),
    descending: bool,
) -> RowCompare<A, B, X::Expression, Y::Expression>
where
    A: Expression,
    B: Expression,
    A::SqlType: SqlType + TypedExpressionType,
    B::SqlType: SqlType + TypedExpressionType,
    X: AsExpression<A::SqlType>,
    Y: AsExpression<B::SqlType>,
{
    RowCompare { left, right: (right.0.as_expression(), right.1.as_expression()), descending }
}

impl<A: Expression, B: Expression, X: Expression, Y: Expression> Expression for RowCompare<A, B, X, Y> {
    type SqlType = Bool;
}

impl<A, B, X, Y> QueryFragment<MultiBackend> for RowCompare<A, B, X, Y>
where
    A: QueryFragment<MultiBackend>,
    B: QueryFragment<MultiBackend>,
    X: QueryFragment<MultiBackend>,
    Y: QueryFragment<MultiBackend>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        pass.unsafe_to_cache_prepared();
        pass.push_sql("(");
        self.left.0.walk_ast(pass.reborrow())?;
        pass.push_sql(", ");
        self.left.1.walk_ast(pass.reborrow())?;
        pass.push_sql(if self.descending { ") < (" } else { ") > (" });
        self.right.0.walk_ast(pass.reborrow())?;
        pass.push_sql(", ");
        self.right.1.walk_ast(pass.reborrow())?;
        pass.push_sql(")");
        Ok(())
    }
}

impl<S, A, B, X, Y> AppearsOnTable<S> for RowCompare<A, B, X, Y>
where
    A: AppearsOnTable<S>,
    B: AppearsOnTable<S>,
    X: AppearsOnTable<S>,
    Y: AppearsOnTable<S>,
{
}
impl<S, A, B, X, Y> SelectableExpression<S> for RowCompare<A, B, X, Y> where Self: AppearsOnTable<S> {}
impl<G, A, B, X, Y> ValidGrouping<G> for RowCompare<A, B, X, Y> {
    type IsAggregate = is_aggregate::No;
}

/// True of the events that no running transaction can still precede: a feed that reads only these, in the order of
/// (transaction, sequence), never skips one. SQLite commits in the order of its sequence, so there it is always true.
#[derive(Debug, Clone, Copy, QueryId)]
pub(crate) struct Settled;

impl Expression for Settled {
    type SqlType = Bool;
}

impl QueryFragment<MultiBackend> for Settled {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(self, pass)
    }
}

impl QueryFragment<Pg> for Settled {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        pass.push_sql("change_events.transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint");
        Ok(())
    }
}

impl QueryFragment<Sqlite> for Settled {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        pass.push_sql("TRUE");
        Ok(())
    }
}

impl AppearsOnTable<crate::schema::change_events::table> for Settled {}
impl SelectableExpression<crate::schema::change_events::table> for Settled {}
impl<G> ValidGrouping<G> for Settled {
    type IsAggregate = is_aggregate::No;
}

/// True of the events after a position of the feed. SQLite's events are all of transaction 0, and it does not look up
/// a row of values whose second is the key of the table: it would read every event before the position, too.
#[derive(Debug, Clone, Copy, QueryId)]
pub(crate) struct Later {
    transaction: i64,
    sequence: i64,
}

impl Later {
    /// After this position.
    pub(crate) fn than(position: Position) -> Self {
        let Position { transaction, sequence } = position;
        Self { transaction, sequence }
    }
}

impl Expression for Later {
    type SqlType = Bool;
}

impl QueryFragment<MultiBackend> for Later {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(self, pass)
    }
}

impl QueryFragment<Pg> for Later {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        pass.push_sql("(change_events.transaction_id, change_events.sequence) > (");
        pass.push_bind_param::<BigInt, _>(&self.transaction)?;
        pass.push_sql(", ");
        pass.push_bind_param::<BigInt, _>(&self.sequence)?;
        pass.push_sql(")");
        Ok(())
    }
}

impl QueryFragment<Sqlite> for Later {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        pass.push_sql("change_events.transaction_id = 0 AND change_events.sequence > ");
        pass.push_bind_param::<BigInt, _>(&self.sequence)
    }
}

impl AppearsOnTable<crate::schema::change_events::table> for Later {}
impl SelectableExpression<crate::schema::change_events::table> for Later {}
impl<G> ValidGrouping<G> for Later {
    type IsAggregate = is_aggregate::No;
}
