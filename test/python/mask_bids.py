"""What nilearn's maskers read of a BIDS dataset, as JSON: values of a map in a network, their means over sites, and the fixed effects of two runs.

    python test/python/mask_bids.py BRAIN MASK SITES MAP EFFECT EFFECT VARIANCE VARIANCE
"""

import json
import sys
import warnings

warnings.simplefilter("ignore")
from nilearn.glm import compute_fixed_effects  # noqa: E402
from nilearn.maskers import NiftiLabelsMasker, NiftiMasker  # noqa: E402

brain, mask, sites, statistic, *runs = sys.argv[1:]
members = NiftiMasker(mask_img=mask, standardize=None).fit().transform(statistic)
means = NiftiLabelsMasker(sites, standardize=None).fit().transform(statistic)
effect = compute_fixed_effects(runs[:2], runs[2:], mask=brain)[0]
print(
    json.dumps(
        {
            "members": members.ravel().tolist(),
            "means": means.ravel().tolist(),
            "effect": effect.get_fdata().ravel().tolist(),
        }
    )
)
