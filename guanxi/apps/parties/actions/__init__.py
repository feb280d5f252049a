"""What people do with customers and contacts."""

from guanxi.apps.parties.actions.access import ask_for_access, claim
from guanxi.apps.parties.actions.contact import change_job
from guanxi.apps.parties.actions.customer import lock_customer, unlock_customer
from guanxi.apps.parties.actions.duplicates import Hit, find_duplicates
from guanxi.apps.parties.actions.known import already_known
from guanxi.apps.parties.actions.merge import merge_contacts, merge_customers, merge_records
from guanxi.apps.parties.actions.promise import break_promise, keep_promise, reopen_promise

__all__ = [
    "Hit", "already_known", "ask_for_access", "break_promise", "change_job", "claim", "find_duplicates", "keep_promise",
    "lock_customer", "merge_contacts", "merge_customers", "merge_records", "reopen_promise", "unlock_customer",
]
