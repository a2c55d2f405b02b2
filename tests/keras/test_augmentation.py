"""Images that are mirrored and moved."""

import numpy as np
import pytest

from sklearn_natsel.keras._augmentation import Augmentation

IMAGE = np.arange(24).reshape(1, 3, 4, 2)


def changed(flip=False, down=0, right=0, image=IMAGE, **options):
    settings = {"image_shape": (3, 4, 2), "horizontal_flip": True, "max_shift": 2, **options}
    flips, moves = np.array([flip]), np.array([[down], [right]])
    return Augmentation(**settings).change(np, image, flips, moves)


def moved(down, right):
    """Cut the moved image out of one whose edges go on, pixel by pixel."""
    padded = np.pad(IMAGE[0], ((3, 3), (3, 3), (0, 0)), mode="edge")
    return padded[None, 3 - down : 6 - down, 3 - right : 7 - right]


def test_images_may_stay_as_they_are():
    np.testing.assert_array_equal(changed(), IMAGE)


@pytest.mark.parametrize(("down", "right"), [(1, 0), (-1, 0), (0, 1), (0, -2), (2, -1), (-2, 2)])
def test_edges_of_moved_images_are_repeated(down, right):
    np.testing.assert_array_equal(changed(down=down, right=right), moved(down, right))


def test_images_are_mirrored_before_they_are_moved():
    np.testing.assert_array_equal(changed(flip=True), IMAGE[:, :, ::-1])
    # The columns of the mirror image are 3, 2, 1, 0.
    np.testing.assert_array_equal(changed(flip=True, right=1), IMAGE[:, :, [3, 3, 2, 1]])


def test_nothing_is_mirrored_unless_it_shall_be():
    np.testing.assert_array_equal(changed(flip=True, horizontal_flip=False), IMAGE)


def test_flat_samples_stay_flat():
    flat = IMAGE.reshape(1, -1)
    np.testing.assert_array_equal(changed(down=1, image=flat), moved(1, 0).reshape(1, -1))


def test_all_variants_are_as_likely():
    augmentation = Augmentation((3, 3, 1), horizontal_flip=True, max_shift=1)
    image = np.arange(9.0).reshape(1, 3, 3, 1)
    many = augmentation.augment(np.repeat(image, 9000, axis=0), np.random.default_rng(0))
    variants, counts = np.unique(many.reshape(9000, -1), axis=0, return_counts=True)
    assert len(variants) == 18
    assert counts.min() > 400
    assert counts.max() < 600


def test_a_seed_decides():
    augmentation = Augmentation((3, 4, 2), horizontal_flip=True, max_shift=2)
    many = np.repeat(IMAGE, 20, axis=0)
    one, same, other = (augmentation.augment(many, np.random.default_rng(s)) for s in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
