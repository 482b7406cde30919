// Statements as the engine knows them: the vocabulary is core's, so that the API shows what the engine will post.
export { type StatementDecision, standingOf, statementDecisions, statementId } from '../../core/statement.ts';
