-- A person has another pseudonym after each rotation of the key: join events of both sides of a rotation through
-- `latest_pseudonym`. A pseudonym that no rotation replaced has no row: coalesce(latest_pseudonym, user_id).

create or replace view linked.latest_pseudonyms as
with recursive followed (domain, key_id, pseudonym, latest_key_id, latest_pseudonym, rotations) as (
    select domain, key_id, pseudonym, next_key_id, next_pseudonym, 1
    from ops.pseudonym_epochs
    union all
    select followed.domain, followed.key_id, followed.pseudonym, later.next_key_id, later.next_pseudonym,
        followed.rotations + 1
    from followed
    inner join ops.pseudonym_epochs later
        on later.domain = followed.domain
        and later.key_id = followed.latest_key_id
        and later.pseudonym = followed.latest_pseudonym
    -- A mapping that leads back to itself would never end.
    where followed.rotations < 100
)
select domain, key_id, pseudonym, latest_key_id, latest_pseudonym
from followed
qualify row_number() over (partition by domain, key_id, pseudonym order by rotations desc) = 1;
