-- One request is held once at its place in a session. The place's own key already sees to that:
-- forks of a place are numbered without a gap, so of two writers that do not see each other's row
-- one fails on the number, and whoever sees the row of the same request gives that hold again. A
-- second index over the same rows cost a tenth of every hold and of every settlement, at random
-- pages. That no request is held twice is a rule of the reconciliation.
alter table billing.holds drop constraint holds_request_key;
