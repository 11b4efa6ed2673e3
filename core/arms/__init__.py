"""Arms: what each adds to the English task loss. One file an arm; `core.arms.registry` finds them by name."""
