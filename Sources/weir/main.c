// The arguments come from here and from nowhere else: what Swift offers for them reads /proc, which a
// preloaded library can change.

extern void weir_command(int count, char *const *words);

int main(int argc, char *const *argv) {
  // Never returns: it ends the process.
  weir_command(argc, argv);
  return 1;
}
