"""Every error that alignlib raises on purpose, each a sentence that says what to do."""


class AlignlibError(Exception):
    """The base of all errors of this package."""


class ModelNotFoundError(AlignlibError, LookupError):
    """No model stands under the given name, folder or hub id."""


class UnsafeCheckpointError(AlignlibError, ValueError):
    """The checkpoint could run code when opened: a pickle, or a model with code of its own."""


class CacheError(AlignlibError, OSError):
    """The cache of converted models can't be read or written."""


class DeviceError(AlignlibError, ValueError):
    """The device or the dtype is not there or can't be used."""


class PromptError(AlignlibError, ValueError):
    """A prompt, or the list of prompts, can't be given to the model."""


class SamplingError(AlignlibError, ValueError):
    """A sampling argument is out of its range."""


class ClaimError(AlignlibError, AssertionError):
    """A claim of the book does not hold for the numbers measured."""


class MeasureError(AlignlibError, ValueError):
    """A measure can't be taken of the given data."""


class MDPError(AlignlibError, ValueError):
    """A decision process, a policy in it or its trajectories can't be what was given."""


class PolicyGradientError(AlignlibError, ValueError):
    """A policy gradient can't be estimated from the given data."""


class WorldError(AlignlibError, ValueError):
    """TinyWorld is asked for something that it does not have."""


class TrainingError(AlignlibError, ValueError):
    """A model can't be trained on this, with these settings or from this checkpoint."""


class PredictionError(SamplingError, TrainingError):
    """What a model predicts is no number, so it can be neither sampled from nor learnt from."""


class OutOfMemoryError(SamplingError, TrainingError, MemoryError):
    """Memory does not suffice, however few rows are read at once."""


class RewardError(AlignlibError, ValueError):
    """A reward can't be computed, or learned, from the given texts and columns."""


class MissingPackageError(AlignlibError, ImportError):
    """What is asked for needs a package that is not installed."""


class GradingError(AlignlibError, ValueError):
    """An exercise, a submission or a folder of them can't be checked or graded as given."""


class ModelMismatchError(AlignlibError, ValueError):
    """The model is not like tiny, so the page can't run it."""
