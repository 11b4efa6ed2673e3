"""How a model is read: number formats, and the engines that compute states, chosen in one place."""
