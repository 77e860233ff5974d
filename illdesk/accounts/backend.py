from django.contrib.auth.backends import ModelBackend


class RoleBackend(ModelBackend):
    """Passwords as Django checks them; rights from the person's roles and from nothing else."""

    def has_perm(self, user_obj, perm, obj=None):
        return user_obj.is_active and user_obj.may(perm.removeprefix("illdesk."))

    def get_all_permissions(self, user_obj, obj=None):
        return {f"illdesk.{right}" for right in user_obj.rights} if user_obj.is_active else set()

    def has_module_perms(self, user_obj, app_label):
        return False
