-- snowplow: the raw tables, which only owner, loader, transformer and privacy officer reach.
-- linked: deduplicated events with what follows one person or device in them, as pseudonyms: for models.
-- events: what analysts read.   ops: what was loaded, when, and how well.
create schema if not exists snowplow;
create schema linked;
create schema events;
create schema ops;
