"""Scenarios, a module a playbook: a subject, what AWS answers, and the cause that must come first."""
