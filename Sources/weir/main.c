// The arguments come from here and from nowhere else: what Swift offers for them reads /proc, and
// gives none where there is no /proc.

extern void weir_command(int count, char *const *words);

int main(int argc, char *const *argv) {
  // Never returns: it ends the process.
  weir_command(argc, argv);
  return 1;
}
