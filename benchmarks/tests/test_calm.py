# Which turns count when the host takes the processors away.
# Must not measure: the test sets clocks and processors.

import unittest

from harness.calm import Calm
from harness.processes import Failure


class Host:
    """A machine on which each turn takes a second, of which the host takes the given shares in per cent."""

    def __init__(self, shares, spare=100):
        self.shares, self.turns = shares, 0
        self.calm = Calm(spare, self.ticks, lambda: self.turns)
        self.fails_from = 1_000

    def ticks(self):
        return 100 * self.turns, sum(self.shares[:self.turns])

    def turn(self):
        self.turns += 1
        if self.turns >= self.fails_from:
            raise Failure("the server does not start")
        return self.turns


class CalmTurns(unittest.TestCase):
    def test_a_calm_turn_counts(self):
        """A turn that the host did not disturb is taken once."""
        host = Host([5, 0])
        self.assertEqual(host.calm.take(host.turn), 1)
        self.assertEqual((host.turns, host.calm.again, host.calm.share()), (1, 0, 5))

    def test_a_disturbed_turn_is_taken_again(self):
        """The first calm turn counts, and only its share is reported."""
        host = Host([20, 3, 0])
        self.assertEqual(host.calm.take(host.turn), 2)
        self.assertEqual((host.turns, host.calm.again, host.calm.share()), (2, 1, 3))

    def test_of_disturbed_turns_the_least_counts(self):
        """When the host disturbs every turn, there are three attempts; the one from which it took least counts, not the last."""
        host = Host([20, 10, 30, 0])
        self.assertEqual(host.calm.take(host.turn), 2)
        self.assertEqual((host.turns, host.calm.share()), (3, 10))

    def test_it_takes_no_longer_than_may_be(self):
        """Repeated turns use the spare time; when that is used up, every turn counts."""
        host = Host([20, 20, 20, 20, 20], spare=1)
        self.assertEqual(host.calm.take(host.turn), 1)
        self.assertEqual((host.turns, host.calm.spare), (2, 0))
        self.assertEqual(host.calm.take(host.turn), 3)
        self.assertEqual(host.turns, 3)

    def test_a_repeat_that_fails(self):
        """An earlier result counts; a failure of the first attempt is a failure of the measurement."""
        host = Host([20, 0])
        host.fails_from = 2
        self.assertEqual(host.calm.take(host.turn), 1)
        self.assertEqual(host.calm.share(), 20)
        with self.assertRaises(Failure):
            host.calm.take(host.turn)

    def test_nothing_was_taken(self):
        """A measurement without turns of this kind has no share."""
        self.assertIsNone(Host([]).calm.share())


if __name__ == "__main__":
    unittest.main()
