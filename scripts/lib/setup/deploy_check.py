"""Checks docs/deploy; scripts/check-deploy says what."""

from setup import compose_check, kubernetes_check
from setup.checks import Faults


def main():
    faults = Faults("check-deploy")
    said = [part.run(faults.add) for part in (compose_check, kubernetes_check)]
    faults.finish("\n".join(said))


if __name__ == "__main__":
    main()
