"""Checks docs/deploy; scripts/check-deploy says what."""

from setup import cluster_live, compose_check, compose_cluster_check, kubernetes_check
from setup.checks import Faults


def main():
    faults = Faults("check-deploy")
    parts = (compose_check, compose_cluster_check, kubernetes_check, cluster_live)
    said = [part.run(faults.add) for part in parts]
    faults.finish("\n".join(said))


if __name__ == "__main__":
    main()
