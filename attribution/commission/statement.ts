// Statements as the engine knows them: the vocabulary is core's, so that the API shows what the engine will post.
export { type StatementDecision, statementDecisions, statementId } from '../../core/statement.ts';
export { standingOf } from '../../core/statement-rules.ts';
