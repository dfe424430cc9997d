{# The row of ops.quality that is out of order, if it is. #}
{% test quality(model, check) %}
select test, measured, threshold
from {{ model }}
where test = '{{ check }}' and measured > threshold
{% endtest %}
