//! Our block, SM2 scheme and application glued to the BFT engine
