"""What imports ask before they create a customer, a contact or anybody else who may be known already."""

from guanxi.apps.parties.actions import already_known
from guanxi.apps.parties.actions.duplicates import recognised
from guanxi.surfaces.impex.hooks import duplicate_checker

for _model in recognised():
    duplicate_checker(_model)(already_known)
