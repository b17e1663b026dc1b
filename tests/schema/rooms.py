"""What the fields of each room are given, together."""

from tests.schema.bulk.inputs import BULK
from tests.schema.campaigns.coupon_inputs import COUPONS
from tests.schema.campaigns.inputs import CAMPAIGNS
from tests.schema.catalog.inputs import CATALOG
from tests.schema.machines.inputs import MACHINES
from tests.schema.making import Making
from tests.schema.media.inputs import MEDIA
from tests.schema.suppliers.inputs import SUPPLIERS

ROOMS: dict[str, Making] = {**MACHINES, **BULK, **CATALOG, **MEDIA, **SUPPLIERS, **CAMPAIGNS, **COUPONS}
