"""What one can do with people and their roles."""

from guanxi.apps.org.actions.company import begin_company, hide_steps_company, load_sample_company
from guanxi.apps.org.actions.role import change_rights_role
from guanxi.apps.org.actions.user import (
    deactivate_user,
    delete_user,
    grant_user,
    invite_user,
    reactivate_user,
    reinvite_user,
    revoke_user,
    set_password_user,
    still_owned,
)

__all__ = ["begin_company", "change_rights_role", "deactivate_user", "delete_user", "grant_user", "hide_steps_company",
           "invite_user", "load_sample_company", "reactivate_user", "reinvite_user", "revoke_user", "set_password_user",
           "still_owned"]
